"""What was asked of jobs beyond their members, in a dump, and what goes on with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup.documents.dump_damage import read_each
from fakebackup.documents.dump_fields import (
    DATE,
    FLAG,
    MEMBERS,
    NAMES,
    NEEDED,
    NUMBER,
    TAGS,
    TEXT,
    Codec,
    Field,
    listed,
    one_of,
    optional,
    read_fields,
    record,
    write_fields,
)
from fakebackup.model.engine.restore_testing.aftermath import DELETED, Test
from fakebackup.model.jobs.request import JobRequest
from fakebackup.model.reports.compliance import Finding
from fakebackup.model.reports.controls import Subject
from fakebackup.model.reports.jobs import Source
from fakebackup.model.reports.period import Period
from fakebackup.model.reports.report import Report
from fakebackup.model.resources.arns import Home

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = (
    Field("account", "AccountId", TEXT, NEEDED),
    Field("region", "Region", TEXT, NEEDED),
)
_HOME = Field("home", "of", record(Home, HOME), NEEDED)


def _write_ending(ending: Any) -> dict[str, Any]:
    state, (members, given) = ending
    return {"State": state, "Members": MEMBERS.write(members), "Given": NAMES.write(given)}


_ENDING_FIELDS = (
    Field("state", "State", TEXT, NEEDED),
    Field("members", "Members", MEMBERS, NEEDED),
    Field("given", "Given", NAMES, NEEDED),
)


def _read_ending(plain: Any) -> Any:
    found = read_fields(_ENDING_FIELDS, plain)
    return found["state"], (found["members"], found["given"])


ENDING = Codec(_write_ending, _read_ending)

# --- Restore tests --------------------------------------------------------------------------

TEST = (
    Field("window", "validationWindow", NUMBER, NEEDED),
    Field("start_by", "startBy", DATE, NEEDED),
    Field("changed", "changed", optional(DATE), None),
    Field("deleted", "deleted", MEMBERS, DELETED),
)
"""What is known of a restore test."""

# --- Reports --------------------------------------------------------------------------------

PERIOD = (
    Field("start", "start", DATE, NEEDED),
    Field("end", "end", DATE, NEEDED),
    Field("last", "last", DATE, NEEDED),
)
"""The time that a report is about."""

SOURCE = (
    _HOME,
    Field("job", "members", MEMBERS, NEEDED),
    Field("vault", "vault", MEMBERS, {}),
    Field("point", "recoveryPoint", MEMBERS, {}),
)
"""What the row of a job is written from."""

SUBJECT = (
    Field("config_type", "kind", TEXT, NEEDED),
    Field("name", "name", TEXT, NEEDED),
    Field("arn", "arn", TEXT, NEEDED),
    Field("resource_type", "type", TEXT, NEEDED),
)
"""What a control is about."""

_COMPLIES = Field("complies", "complies", FLAG, NEEDED)


def _write_subjects(subjects: Mapping[Subject, bool]) -> list[dict[str, Any]]:
    return [
        {**write_fields(SUBJECT, subject), _COMPLIES.key: complies}
        for subject, complies in subjects.items()
    ]


def _read_subject(plain: Any) -> tuple[Subject, bool]:
    found = read_fields((*SUBJECT, _COMPLIES), plain)
    complies = found.pop(_COMPLIES.attribute)
    return Subject(**found), complies


_SUBJECTS = Codec(_write_subjects, lambda plain: dict(read_each(plain, _read_subject)))

FINDING = (
    _HOME,
    Field("framework", "framework", MEMBERS, NEEDED),
    Field("control", "members", MEMBERS, NEEDED),
    Field("at", "at", DATE, NEEDED),
    Field("subjects", "subjects", optional(_SUBJECTS), None),
)
"""What was found for a control of a framework."""

_TAKEN = one_of(
    {"job": (Source, record(Source, SOURCE)), "control": (Finding, record(Finding, FINDING))}
)

REPORT = (
    _HOME,
    Field("setting", "setting", MEMBERS, NEEDED),
    Field("formats", "formats", listed(TEXT), NEEDED),
    Field("period", "period", record(Period, PERIOD), NEEDED),
    Field("taken", "taken", optional(listed(_TAKEN)), None),
)
"""What is known of a report."""

# --- What was asked ---------------------------------------------------------------------------

_THEN = one_of(
    {"restoreTest": (Test, record(Test, TEST)), "report": (Report, record(Report, REPORT))}
)

REQUEST_FIELDS = (
    Field("outcome", "outcome", optional(ENDING), None),
    Field("complete_by", "completeBy", optional(DATE), None),
    Field("tags", "tags", optional(TAGS), None),
    Field("metadata", "metadata", optional(TAGS), None),
    Field("left", "left", MEMBERS, {}),
    Field("index", "index", FLAG, default=False),
    Field("copies", "copies", listed(MEMBERS, tuple), ()),
    Field("scans", "scans", listed(MEMBERS, tuple), ()),
    Field("air_gapped", "airGapped", optional(TEXT), None),
    Field("temporary", "temporary", FLAG, default=False),
    Field("continuous", "continuous", FLAG, default=False),
    Field("then", "then", optional(_THEN), None),
)
"""What was asked of a job beyond its members."""

REQUEST = record(JobRequest, REQUEST_FIELDS)
