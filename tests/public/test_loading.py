"""Recorded answers: loaded exactly, or not at all."""

from __future__ import annotations

import json
import linecache
import re
import warnings
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from fakebackup import FakeBackup, FakeBackupWarning, mock_backup
from fakebackup.model.shapes.model import service_model
from support.client import call, full_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UTC = timezone.utc
NOW = datetime(2020, 9, 22, 12, tzinfo=UTC)

needs_scans = pytest.mark.skipif(
    "ScanJob" not in service_model().shape_names, reason="this botocore knows no scan jobs"
)

# The two example jobs of the AWS CLI's manual.
EXAMPLE = """
{"BackupJobs": [
 {"BackupJobId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111", "BackupVaultName": "Default",
  "BackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:Default",
  "ResourceArn": "arn:aws:ec2:us-west-2:123456789012:instance/i-12345678901234567",
  "CreationDate": 1600721892.929, "State": "CREATED", "PercentDone": "0.0",
  "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
  "StartBy": 1600725492.929, "ResourceType": "EC2"},
 {"BackupJobId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222", "BackupVaultName": "Default",
  "BackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:Default",
  "RecoveryPointArn":
   "arn:aws:backup:us-west-2:123456789012:recovery-point:a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
  "ResourceArn": "arn:aws:elasticfilesystem:us-west-2:123456789012:file-system/fs-12345678",
  "CreationDate": 1600721724.77, "CompletionDate": 1600721744.488, "State": "COMPLETED",
  "PercentDone": "100.0", "BackupSizeInBytes": 71,
  "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
  "StartBy": 1600725324.77, "ResourceType": "EFS"}]}
"""
FIRST, SECOND = (f"a1b2c3d4-5678-90ab-cdef-EXAMPLE{number}" for number in (11111, 22222))
DATES = {
    "CreationDate": (
        datetime(2020, 9, 21, 20, 58, 12, 929000, UTC),
        datetime(2020, 9, 21, 20, 55, 24, 770000, UTC),
    ),
    "CompletionDate": (None, datetime(2020, 9, 21, 20, 55, 44, 488000, UTC)),
    "StartBy": (
        datetime(2020, 9, 21, 21, 58, 12, 929000, UTC),
        datetime(2020, 9, 21, 21, 55, 24, 770000, UTC),
    ),
}

# The key under which each list answers its jobs, and the least that a job of it needs.
LEAST: dict[str, dict[str, Any]] = {
    "BackupJobs": {"BackupJobId": "one", "State": "FAILED", "CreationDate": NOW},
    "CopyJobs": {"CopyJobId": "one", "State": "FAILED", "CreationDate": NOW},
    "RestoreJobs": {"RestoreJobId": "one", "Status": "FAILED", "CreationDate": NOW},
    "ScanJobs": {"ScanJobId": "one", "State": "FAILED", "CreationDate": NOW},
    "ReportJobs": {"ReportJobId": "one", "Status": "FAILED", "CreationTime": NOW},
}
PRINTED = LEAST["BackupJobs"] | {"CreationDate": NOW.isoformat()}
"""A job as JSON has it."""

KEYS = [pytest.param(key, marks=needs_scans if key == "ScanJobs" else ()) for key in LEAST]
UNKNOWN = "load() takes what a List, Describe or Get operation answers, and none answers "
NOTHING = (
    "There is nothing to load: none of the members that a List, Describe or Get operation answers, "
    "as BackupJobs, BackupVaultList or BackupPlan."
)
SOURCES = (
    "load() takes a dict, a list of pages, or the path of a JSON file or of a folder of them, not "
)
NO_PATH = (
    "load() takes a text as a path, and no file is called {}: {}. To load JSON text, type "
    "load(json.loads(text))."
)


def kind(key: str) -> str:
    """The kind of job that a key of an answer holds, as methods are named."""
    return key.removesuffix("Jobs").lower()


def listed(key: str) -> list[dict[str, Any]]:
    """What a client's list of a kind answers."""
    jobs: list[dict[str, Any]] = call(f"List{key}")[key]
    return jobs


def test_a_text_is_a_path(backup: FakeBackup) -> None:
    """JSON text is told to be parsed, rather than looked for as a file."""
    with pytest.raises(ValueError, match=r"type load\(json\.loads\(text\)\)"):
        backup.load('{"BackupJobs": []}\n')
    with pytest.raises(FileNotFoundError, match=r"\[jobs\]\.json"):
        backup.load("[jobs].json")


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(params=["a dict", "a path", "the path as a string"])
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The example, in each of the forms that load() takes."""
    if request.param == "a dict":
        return json.loads(EXAMPLE)
    path = tmp_path / "jobs.json"
    path.write_text(EXAMPLE, "utf-8")
    return path if request.param == "a path" else str(path)


class TestExample:
    def test_it_comes_back_exactly(self, backup: FakeBackup, example: Any) -> None:
        """The manual's jobs come back in order, with their members and no other."""
        loaded = backup.load(example)
        assert [job.id for job in loaded] == [FIRST, SECOND]
        expected = json.loads(EXAMPLE)["BackupJobs"]
        for name, instants in DATES.items():
            for entry, instant in zip(expected, instants, strict=True):
                if instant is not None:
                    entry[name] = instant
        jobs = listed("BackupJobs")
        assert jobs == expected
        assert [dict(job) for job in loaded] == expected
        assert all(job["CreationDate"].tzinfo is not None for job in jobs)

    def test_the_state_selects(self, backup: FakeBackup, example: Any) -> None:
        """ByState COMPLETED gives the second job alone, and Describe each of them."""
        backup.load(example)
        (only,) = call("ListBackupJobs", ByState="COMPLETED")["BackupJobs"]
        assert only["BackupJobId"] == SECOND
        assert call("DescribeBackupJob", BackupJobId=FIRST) == listed("BackupJobs")[0]

    def test_without_a_limit_of_age(self, example: Any) -> None:
        """Years later they are listed all the same where the history has no limit."""
        with time_machine.travel(NOW + timedelta(days=2000)), mock_backup(history=None) as fake:
            fake.load(example)
            assert [job["BackupJobId"] for job in listed("BackupJobs")] == [FIRST, SECOND]

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
    )
    def test_encodings(self, backup: FakeBackup, tmp_path: Path, encoding: str) -> None:
        """A file may be in any encoding of Unicode, with a byte order mark or without."""
        path = tmp_path / "jobs.json"
        entry = PRINTED | {"StatusMessage": "Zugriff verweigert: \u00e4\u20ac\U0001f600"}
        path.write_bytes(
            json.dumps({"BackupJobs": [entry]}, ensure_ascii=False, indent=2).encode(encoding)
        )
        [job] = backup.load(path)
        assert job["StatusMessage"] == entry["StatusMessage"]

    def test_a_loaded_job_may_move(self, backup: FakeBackup) -> None:
        """A loaded job that is given a new state gets what that state has, with its own number."""
        default = backup.add_backup_job()
        job = backup.load(json.loads(EXAMPLE))[0]
        job.update(State="COMPLETED")
        assert job["PercentDone"] == "100.0"
        assert job["CompletionDate"] == NOW
        assert job["RecoveryPointArn"] == "arn:aws:ec2:us-east-1::image/ami-00000000000000002"
        assert default["RecoveryPointArn"].endswith("snap-00000000000000001")
        assert backup.add_backup_job().id.endswith("-000000000003")


class TestDocuments:
    @pytest.mark.parametrize("key", KEYS)
    def test_nothing_is_added_to_a_job(self, backup: FakeBackup, key: str) -> None:
        """An entry of any kind with the least that it needs stays as bare as it is."""
        (job,) = backup.load({key: [LEAST[key]]})
        assert dict(job) == LEAST[key]
        assert listed(key) == [LEAST[key]]
        assert list(getattr(backup, f"{kind(key)}_jobs")) == ["one"]

    def test_several_keys_at_once(self, backup: FakeBackup) -> None:
        """One document may hold every kind; the jobs are returned kind by kind."""
        known = [key for key in LEAST if key != "ScanJobs"]
        document = {key: [LEAST[key] | {next(iter(LEAST[key])): key}] for key in reversed(known)}
        assert [job.id for job in backup.load(document)] == known
        for key in known:
            assert len(listed(key)) == 1

    @pytest.mark.parametrize("key", KEYS)
    def test_an_empty_list(self, backup: FakeBackup, key: str) -> None:
        """A recorded list without jobs is a document too."""
        assert backup.load({key: []}) == []

    def test_what_comes_along(self, backup: FakeBackup) -> None:
        """A token and the HTTP metadata of a recorded answer are nobody's business."""
        with mock_backup(history=timedelta(days=99)) as other:
            other.add_backup_jobs(3)
            recorded = full_answer("ListBackupJobs", MaxResults=2)
            assert {"NextToken", "ResponseMetadata"} <= set(recorded)
        assert len(backup.load(recorded)) == 2
        assert listed("BackupJobs") == recorded["BackupJobs"]

    def test_null_is_absence(self, backup: FakeBackup) -> None:
        """A member that is null is left out, as clients never see one."""
        nothing = dict.fromkeys(("CompletionDate", "StatusMessage", "AccountId", "CreatedBy"))
        (job,) = backup.load({"BackupJobs": [LEAST["BackupJobs"] | nothing]})
        assert dict(job) == LEAST["BackupJobs"]

    def test_members_of_describe(self, backup: FakeBackup) -> None:
        """What only Describe answers may be recorded too, and is answered by it alone."""
        counts = {"NumberOfChildJobs": 2, "ChildJobsInState": {"FAILED": 2}}
        entry = LEAST["BackupJobs"] | {"IsParent": True} | counts
        backup.load({"BackupJobs": [entry]})
        assert counts.items() <= call("DescribeBackupJob", BackupJobId="one").items()
        assert not set(counts) & set(listed("BackupJobs")[0])

    def test_a_parent_counts_nothing(self, backup: FakeBackup) -> None:
        """A loaded parent without counts has none, whatever children there are."""
        child = LEAST["BackupJobs"] | {"BackupJobId": "two", "ParentJobId": "one"}
        document = {"BackupJobs": [LEAST["BackupJobs"] | {"IsParent": True}, child]}
        parent, _ = backup.load(document)
        assert "NumberOfChildJobs" not in parent

    def test_dates_as_either_cli_prints_them(self, backup: FakeBackup) -> None:
        """Version 1 of the AWS CLI prints numbers, version 2 prints ISO strings."""
        (job,) = backup.load(
            {
                "BackupJobs": [
                    LEAST["BackupJobs"]
                    | {
                        "CreationDate": "2020-09-21T20:55:24.770000+00:00",
                        "CompletionDate": 1600721744.488,
                    }
                ]
            }
        )
        assert job["CreationDate"] == DATES["CreationDate"][1]
        assert job["CompletionDate"] == DATES["CompletionDate"][1]

    def test_the_account_is_the_entrys_or_the_views(self, backup: FakeBackup) -> None:
        """AccountId decides the account where it is there, else the view; the view the region."""
        entries = [
            LEAST["BackupJobs"],
            LEAST["BackupJobs"] | {"BackupJobId": "two", "AccountId": "111122223333"},
        ]
        view = backup.at(account_id="999999999999", region="eu-west-1")
        one, two = view.load({"BackupJobs": entries})
        assert (one.account, one.region) == ("999999999999", "eu-west-1")
        assert (two.account, two.region) == ("111122223333", "eu-west-1")
        assert "AccountId" not in one
        assert list(view.backup_jobs) == ["one"]
        assert list(view.at(account_id="111122223333").backup_jobs) == ["two"]
        assert not backup.backup_jobs

    def test_what_was_given_is_not_changed(self, backup: FakeBackup) -> None:
        """The document stays the test's own."""
        document = json.loads(EXAMPLE)
        backup.load(document)[0].update(State="FAILED")
        assert document == json.loads(EXAMPLE)

    def test_all_that_a_client_answers_loads(self, backup: FakeBackup) -> None:
        """What one fake lists, another loads and lists again, member by member."""
        recorded = {}
        known = [key for key in LEAST if key != "ScanJobs"]
        with mock_backup(history=timedelta(days=99)) as other:
            other.add_backup_jobs(9, State=["FAILED", "RUNNING", "PARTIAL"], StatusMessage=None)
            other.add_copy_jobs(3, State=["FAILED", "RUNNING"])
            other.add_restore_jobs(3, Status=["FAILED", "PENDING"])
            other.add_report_jobs(3, Status=["FAILED", "RUNNING"])
            for key in known:
                recorded[key] = listed(key)
        backup.load(recorded)
        for key in known:
            assert listed(key) == recorded[key]


def without(key: str, member: str) -> dict[str, Any]:
    """The least entry of a key, a member taken out."""
    return {name: value for name, value in LEAST[key].items() if name != member}


BAD_ENTRIES: dict[str, tuple[Any, type[Exception], str]] = {
    "a misspelt member": (
        LEAST["BackupJobs"] | {"Sate": "FAILED"},
        TypeError,
        "A backup job has no member 'Sate'; did you mean 'State'?",
    ),
    "a state that is none": (
        LEAST["BackupJobs"] | {"State": "FAILD"},
        ValueError,
        "State is none of ",
    ),
    "a number as a string": (
        LEAST["BackupJobs"] | {"BackupSizeInBytes": "71"},
        TypeError,
        "BackupSizeInBytes takes int, not '71' (str).",
    ),
    "a date that is none": (
        LEAST["BackupJobs"] | {"CreationDate": "yesterday"},
        ValueError,
        "CreationDate is a date: ",
    ),
    "an end too early": (
        LEAST["BackupJobs"] | {"CompletionDate": 0},
        ValueError,
        "CompletionDate is before CreationDate: ",
    ),
    "an account that is none": (
        LEAST["BackupJobs"] | {"AccountId": "12"},
        ValueError,
        "AccountId is a string of 12 digits, not '12'.",
    ),
    "an id that is a number": (
        LEAST["BackupJobs"] | {"BackupJobId": 7},
        TypeError,
        "BackupJobId takes str, not 7 (int).",
    ),
    "an id twice": (
        LEAST["BackupJobs"] | {"BackupJobId": "good"},
        ValueError,
        "BackupJobId 'good' is taken: no two jobs of a fake share an id.",
    ),
    "no job": ("job", TypeError, "a job is an object, not 'job'."),
    "null": (None, TypeError, "a job is an object, not None."),
}


class TestRefusals:
    @pytest.mark.parametrize("what", BAD_ENTRIES)
    def test_a_bad_entry(self, backup: FakeBackup, what: str) -> None:
        """The position of a bad entry is named, and nothing of the document is added."""
        entry, error, text = BAD_ENTRIES[what]
        good = LEAST["BackupJobs"] | {"BackupJobId": "good"}
        with pytest.raises(error, match=rf"^BackupJobs\[1\]: {re.escape(text)}"):
            backup.load({"CopyJobs": [LEAST["CopyJobs"]], "BackupJobs": [good, entry]})
        assert not backup.backup_jobs
        assert not backup.copy_jobs

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("empty", [None, "", ...], ids=["null", "empty", "missing"])
    def test_what_an_entry_cannot_be_without(
        self, backup: FakeBackup, key: str, empty: Any
    ) -> None:
        """An entry without id, state or creation date is refused."""
        for member in LEAST[key]:
            entry = without(key, member) | ({} if empty is ... else {member: empty})
            text = rf"^{key}\[0\]: a {kind(key)} job cannot be without {member}\.$"
            with pytest.raises(ValueError, match=text):
                backup.load({key: [entry]})

    def test_an_id_that_is_taken(self, backup: FakeBackup) -> None:
        """An id that another job has, of any kind, is taken."""
        backup.add_copy_job(CopyJobId="one")
        with pytest.raises(ValueError, match=r"^ReportJobs\[0\]: ReportJobId 'one' is taken: "):
            backup.load({"ReportJobs": [LEAST["ReportJobs"]]})

    def test_across_kinds(self, backup: FakeBackup) -> None:
        """Within a document, too, an id belongs to one job."""
        document = {"BackupJobs": [LEAST["BackupJobs"]], "CopyJobs": [LEAST["CopyJobs"]]}
        with pytest.raises(ValueError, match=r"^CopyJobs\[0\]: CopyJobId 'one' is taken: "):
            backup.load(document)
        assert not backup.backup_jobs

    @pytest.mark.parametrize(
        ("document", "error", "text"),
        [
            (
                {"BackupJob": []},
                ValueError,
                UNKNOWN + "'BackupJob'; did you mean 'BackupJobs'?",
            ),
            (
                {"BackupJobs": [], "Wombats": []},
                ValueError,
                UNKNOWN + "'Wombats'.",
            ),
            ({}, ValueError, NOTHING),
            ({"NextToken": "x"}, ValueError, NOTHING),
            ({"BackupJobs": {}}, TypeError, "BackupJobs is a list of jobs, not {}."),
            ({"BackupJobs": None}, TypeError, "BackupJobs is a list of jobs, not None."),
            ([], ValueError, "There is nothing to load: a list without a page."),
            ("", ValueError, "load() was given an empty path; of this folder, it takes '.'."),
            ("\0", ValueError, NO_PATH.format(r"'\x00'", "it has a NUL")),
            ("\ud800", ValueError, NO_PATH.format(r"'\ud800'", "it has half of a surrogate pair")),
            (None, TypeError, SOURCES + "None."),
            (3, TypeError, SOURCES + "3."),
        ],
        ids=repr,
    )
    def test_what_is_no_document(
        self, backup: FakeBackup, document: Any, error: type[Exception], text: str
    ) -> None:
        """What no list operation answers is refused, the near miss named."""
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            backup.load(document)

    @pytest.mark.parametrize(
        ("content", "error", "text"),
        [
            (b"", ValueError, " is no JSON: "),
            (b"not JSON", ValueError, " is no JSON: "),
            (b"\xff\xfe{\x00}", ValueError, " is no JSON: "),
            (b"\xef\xbb\xbfnot JSON", ValueError, " is no JSON: "),
            (b"[" * 100_000, ValueError, " is no JSON: objects and lists lie more than 100 deep"),
            (b"[" * 101 + b"]" * 101, ValueError, " is no JSON: objects and lists lie more than 1"),
            (b"[]", TypeError, " holds no JSON object."),
            (b"null", TypeError, " holds no JSON object."),
        ],
        ids=repr,
    )
    def test_what_is_no_json(
        self,
        backup: FakeBackup,
        tmp_path: Path,
        content: bytes,
        error: type[Exception],
        text: str,
    ) -> None:
        """A file that holds something else is named."""
        path = tmp_path / "jobs.json"
        path.write_bytes(content)
        with pytest.raises(error, match=f"^{re.escape(str(path) + text)}"):
            backup.load(path)

    def test_deep_json(self, backup: FakeBackup, tmp_path: Path) -> None:
        """A list that is nested a hundred thousand deep is no JSON, wherever it lies."""
        path = tmp_path / "jobs.json"
        deep = "[" * 100_000 + "]" * 100_000
        entry = json.dumps(PRINTED)[:-1]
        inside = f'{{"BackupJobs": [{entry}, "StatusMessage": {deep}}}]}}'
        for text in (deep, f'{{"BackupJobs": {deep}}}', inside):
            path.write_text(text, "utf-8")
            with pytest.raises(ValueError, match=r" is no JSON: objects and lists lie more than"):
                backup.load(path)
        assert not backup.backup_jobs

    def test_values_that_hold_themselves(self, backup: FakeBackup) -> None:
        """A list or a dict that holds itself is no list of jobs, no job and no member."""
        own_list: list[Any] = []
        own_list.append(own_list)
        own_dict: dict[str, Any] = {}
        own_dict["BackupJobs"] = own_dict
        for document in (
            own_dict,
            {"BackupJobs": own_list},
            {"BackupJobs": [own_dict]},
            {"BackupJobs": [LEAST["BackupJobs"] | {"CreatedBy": own_dict}]},
            {"BackupJobs": [LEAST["BackupJobs"] | {"StatusMessage": own_list}]},
        ):
            with pytest.raises((TypeError, ValueError), match=r"BackupJobs"):
                backup.load(document)
        assert not backup.backup_jobs

    def test_half_a_surrogate_pair(self, backup: FakeBackup, tmp_path: Path) -> None:
        """Text that no client could get is refused at its entry."""
        path = tmp_path / "jobs.json"
        path.write_text(
            json.dumps({"BackupJobs": [PRINTED | {"StatusMessage": "\ud800"}]}), "utf-8"
        )
        text = (
            f"{path}: "
            r"BackupJobs[0]: StatusMessage is no Unicode text, since it has half of a surrogate "
            r"pair: '\ud800'"
        )
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            backup.load(path)
        assert not backup.backup_jobs

    def test_no_file(self, backup: FakeBackup, tmp_path: Path) -> None:
        """A file that is not there is the operating system's error."""
        with pytest.raises(FileNotFoundError, match=r"none\.json"):
            backup.load(tmp_path / "none.json")

    def test_numbers_that_json_does_not_have(self, backup: FakeBackup, tmp_path: Path) -> None:
        """Python reads NaN out of JSON; it is no date."""
        path = tmp_path / "jobs.json"
        entry = LEAST["BackupJobs"] | {"CreationDate": float("nan")}
        path.write_text(json.dumps({"BackupJobs": [entry]}), "utf-8")
        text = rf"^{re.escape(str(path))}: BackupJobs\[0\]: CreationDate is a date: .* nan"
        with pytest.raises(ValueError, match=text):
            backup.load(path)


class TestOldJobs:
    """The warning for jobs that are older than the lists reach."""

    old = NOW - timedelta(days=30, milliseconds=1)

    def line(self, warned: warnings.WarningMessage) -> str:
        """The line that a warning names."""
        assert warned.filename == __file__
        return linecache.getline(__file__, warned.lineno)

    def test_one_job(self, backup: FakeBackup) -> None:
        """A job that will not be listed is added, and a warning at the test's line says so."""
        with pytest.warns(FakeBackupWarning) as seen:
            backup.add_backup_job(BackupJobId="old", CreationDate=self.old)  # this line
        (warned,) = seen
        assert str(warned.message) == (
            "old is more than 30 days old, and AWS's ListBackupJobs reaches back no further, so "
            "it will not be listed. It is added all the same and Describe answers it. To list "
            "it, freeze the time near its creation or pass history=None (or another timedelta); "
            "an explicit history silences this."
        )
        assert "# this line" in self.line(warned)
        assert list(backup.backup_jobs) == ["old"]
        assert listed("BackupJobs") == []

    def test_several_jobs(self, backup: FakeBackup) -> None:
        """Several old jobs of one call give one warning, which counts them."""
        with pytest.warns(FakeBackupWarning) as seen:
            backup.add_backup_jobs(9, CreationDate=[self.old, NOW, self.old])  # this line
        (warned,) = seen
        assert str(warned.message) == (
            "6 jobs are more than 30 days old, and AWS's ListBackupJobs reaches back no further, "
            "so they will not be listed. They are added all the same and Describe answers them. To "
            "list them, freeze the time near their creation or pass history=None (or another "
            "timedelta); an explicit history silences this."
        )
        assert "# this line" in self.line(warned)
        assert len(backup.backup_jobs) == 9

    def test_loaded_jobs(self, backup: FakeBackup) -> None:
        """Loading warns as seeding does, at the line of the load."""
        with (
            time_machine.travel(NOW + timedelta(days=99)),
            pytest.warns(FakeBackupWarning) as seen,
        ):
            backup.load(json.loads(EXAMPLE))  # this line
        (warned,) = seen
        assert str(warned.message).startswith("2 jobs are more than 30 days old")
        assert "# this line" in self.line(warned)

    def test_a_long_id(self, backup: FakeBackup) -> None:
        """The warning is one line of a few hundred characters, however long the job's id."""
        with pytest.warns(FakeBackupWarning) as seen:
            backup.add_backup_job(CreationDate=self.old, BackupJobId="an-id-" * 1000)
        (warned,) = seen
        assert str(warned.message).startswith("an-id-an-id-")
        assert len(str(warned.message)) < 500
        assert "\n" not in str(warned.message)

    @needs_scans
    def test_scans_too(self, backup: FakeBackup) -> None:
        """The list of scan jobs has the same limit, and the warning names it."""
        with pytest.warns(FakeBackupWarning, match="AWS's ListScanJobs reaches back no further"):
            backup.add_scan_job(CreationDate=self.old)

    def test_kinds_without_a_limit(self, backup: FakeBackup) -> None:
        """AWS documents no limit for copy, restore and report jobs: they are listed, silently."""
        backup.add_copy_job(CreationDate=self.old)
        backup.add_restore_job(CreationDate=self.old)
        backup.add_report_job(CreationTime=self.old)
        assert [len(listed(key)) for key in ("CopyJobs", "RestoreJobs", "ReportJobs")] == [1, 1, 1]

    def test_exactly_thirty_days(self, backup: FakeBackup) -> None:
        """A job that is exactly as old as the lists reach is listed, silently."""
        backup.add_backup_job(CreationDate=NOW - timedelta(days=30))
        assert len(listed("BackupJobs")) == 1

    @pytest.mark.parametrize("history", [None, timedelta(days=30), timedelta(days=1)], ids=repr)
    def test_an_explicit_history_says_you_know(self, history: timedelta | None) -> None:
        """Whoever names a history, be it the default, is not warned."""
        with mock_backup(history=history) as fake:
            fake.add_backup_job(CreationDate=self.old)
            fake.load(json.loads(EXAMPLE))
            fake.add_backup_job(CreationDate=0)

    def test_as_an_error(self, backup: FakeBackup) -> None:
        """Where warnings are errors the seeding line raises, the job being added all the same."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match=r"^old is more than 30 days old"):
                backup.add_backup_job(BackupJobId="old", CreationDate=self.old)
        assert list(backup.backup_jobs) == ["old"]
