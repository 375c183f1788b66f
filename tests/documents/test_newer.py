"""What a newer botocore has recorded, loaded where the installed one does not know all of it."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import botocore
import pytest

from fakebackup import FakeBackupWarning, mock_backup
from fakebackup.commands import seeds
from fakebackup.documents import telling
from fakebackup.documents.loadable import HELD
from fakebackup.model.shapes.model import service_model
from support.botocore_model import model
from support.client import call
from support.constants import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


HOME = {"account_id": ACCOUNT, "region": REGION}
ARN = f"arn:aws:backup:{REGION}:{ACCOUNT}"
VAULT = {"BackupVaultName": "Daily", "BackupVaultArn": f"{ARN}:backup-vault:Daily"}
POINT = {
    "AccessPointArn": f"{ARN}:accesspoint/one",
    "Name": "one",
    "BackupVaultName": "Daily",
    "Status": "AVAILABLE",
}
NEWER = ("ListBackupAccessPoints", "ListTieringConfigurations")
"""Operations that botocore has had for a short time, and some installed one may not have."""


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model of botocore that is loaded lacks the newer operations, as that of an older one."""
    loaded = service_model()
    left = [name for name in loaded.operation_names if name not in NEWER]
    cached: list[Any] = [telling.read_operations, telling.listed, telling.commands]
    monkeypatch.setitem(vars(loaded), "operation_names", left)
    for each in cached:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in cached:
        each.cache_clear()


def recording(*answers: tuple[str, dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    """A document of `record`, given each operation, its parameters and its answer."""
    return {
        "fakebackup": {"kind": "recording", "version": 1, "complete": True},
        "answers": [
            {"operation": name, **HOME, "parameters": asked, "answer": answer}
            for name, asked, answer in answers
        ],
        "refused": [],
    }


WHOLE = recording(
    ("ListBackupAccessPoints", {}, {"AccessPoints": [POINT]}),
    ("ListTags", {"ResourceArn": POINT["AccessPointArn"]}, {"Tags": {"team": "storage"}}),
    ("ListBackupVaults", {}, {"BackupVaultList": [{**VAULT, "CreationDate": 1706677200}]}),
    ("ListTags", {"ResourceArn": VAULT["BackupVaultArn"]}, {"Tags": {"team": "billing"}}),
    ("ListTieringConfigurations", {}, {"TieringConfigurations": []}),
)


def a_fake() -> Any:
    """A fake in the account and Region of the recording."""
    return mock_backup(account_id=ACCOUNT, region=REGION, history=None, default_vault=False)


@pytest.mark.usefixtures("older")
def test_what_is_newer_is_left_out_and_told_once() -> None:
    """One warning names the operations and the version; the rest is there, with its tags."""
    with a_fake() as backup:
        with pytest.warns(FakeBackupWarning) as told:
            backup.load(WHOLE)
        assert list(backup.vaults) == ["Daily"]
        found = call("ListTags", ResourceArn=VAULT["BackupVaultArn"])
        assert found["Tags"] == {"team": "billing"}
    text = (
        f"the installed botocore {botocore.__version__} does not know {', '.join(NEWER)}: what "
        f"they answered is left out, and the tags of what they named; with a newer botocore it is "
        f"loaded."
    )
    assert [str(each.message) for each in told] == [text]
    assert {each.filename for each in told} == {__file__}


@pytest.mark.usefixtures("older")
def test_where_the_warning_is_an_error_nothing_has_changed() -> None:
    """With -W error the load is refused as a whole."""
    with a_fake() as backup, warnings.catch_warnings():
        warnings.simplefilter("error", FakeBackupWarning)
        with pytest.raises(FakeBackupWarning, match="does not know"):
            backup.load(WHOLE)
        assert not backup.vaults


def test_all_that_the_installed_botocore_lacks_is_named() -> None:
    """Of all operations that can be loaded, just those are left out that it does not know."""
    lacking = sorted(name for name in HELD if name not in model().operation_names)
    document = recording(*((name, {}, {}) for name in lacking))
    with a_fake() as backup, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        backup.load(document)
    assert [", ".join(lacking) in str(each.message) for each in told] == [True] * bool(lacking)


@pytest.mark.usefixtures("older")
@pytest.mark.parametrize(
    "name", ["ListBackupAccessPoint", "CreateBackupAccessPoint", "ListNothing"]
)
def test_a_name_that_nobody_loads_is_refused(name: str) -> None:
    """A misspelt operation is refused as before, and nothing is loaded."""
    vaults: Any = ("ListBackupVaults", {}, WHOLE["answers"][2]["answer"])
    with a_fake() as backup:
        with pytest.raises(ValueError, match=rf"^answers\[1\]: .*{name}"):
            backup.load(recording(vaults, (name, {}, {})))
        assert not backup.vaults


@pytest.mark.usefixtures("older")
def test_an_operation_that_the_test_names_is_refused() -> None:
    """Whoever types the operation is told which botocore does not know it."""
    with a_fake() as backup:
        text = (
            f"^the installed botocore {botocore.__version__} does not know {NEWER[0]}: use a newer"
        )
        with pytest.raises(ValueError, match=text):
            backup.load({"AccessPoints": [POINT]}, NEWER[0])


@pytest.mark.usefixtures("older")
def test_files_of_the_aws_cli(tmp_path: Path) -> None:
    """A file named for a newer command is left out; one that a known operation answers is not."""
    files = {
        "list-backup-access-points": {"AccessPoints": [POINT]},
        "list-backup-vaults": WHOLE["answers"][2]["answer"],
    }
    for name, answer in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answer), "utf-8")
    with a_fake() as backup:
        with pytest.warns(FakeBackupWarning, match=f"not know {NEWER[0]}: what"):
            backup.load(tmp_path)
        assert list(backup.vaults) == ["Daily"]
    named = tmp_path / "list-backup-access-points.json"
    named.write_text(json.dumps(files["list-backup-vaults"]), "utf-8")
    (tmp_path / "list-backup-vaults.json").unlink()
    with a_fake() as backup:
        backup.load(tmp_path)
        assert list(backup.vaults) == ["Daily"]


@pytest.mark.usefixtures("older")
def test_commands_say_it_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is given such a seed fills its fake, and says in a line what is left out."""
    path = tmp_path / "f1.json"
    path.write_text(json.dumps(WHOLE), "utf-8")
    with a_fake() as backup, warnings.catch_warnings():
        warnings.simplefilter("error")
        seeds.fill(backup, str(path))
        assert list(backup.vaults) == ["Daily"]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"fakebackup: the installed botocore {botocore.__version__} does not")
