"""Every read operation, asked of a fake for what it holds: the parameters come from its answers.

The fake is asked without a client, so that several fakes may be asked in turn; an answer is the
text that goes over the wire, so that the order of members and items counts.
"""

from __future__ import annotations

import functools
import itertools
import json
import warnings
from typing import TYPE_CHECKING, Any

from fakebackup.answers import Answer, content
from fakebackup.dispatch import Request
from fakebackup.operations import operations
from support.botocore_model import known, model, takes
from support.constants import MIDNIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup import FakeBackup

    Home = tuple[str, str]
    Known = dict[str, dict[Any, None]]

READS = ("List", "Describe", "Get", "Export")
"""How operations begin that change nothing."""

MOST = 40
"""The most requests of one operation, of those that differ in what they name."""

PAGE = 2

ALSO: Mapping[str, list[dict[str, Any]]] = {
    "ListBackupPlans": [{"IncludeDeleted": True}],
    "GetBackupPlan": [{"VersionId": "*"}, {"MaxScheduledRunsPreview": 3}],
    **{
        f"List{kind}JobSummaries": [
            {"AggregationPeriod": "FOURTEEN_DAYS"},
            {"AccountId": "ANY", "State": "ANY", "ResourceType": "ANY"},
        ]
        for kind in ("Backup", "Copy", "Restore", "Scan")
    },
    **{
        f"List{kind}Jobs": [{"ByAccountId": "*"}, {"ByParentJobId": "*"}, {"ByResourceType": "*"}]
        for kind in ("Backup", "Copy")
    },
    "ListRestoreJobs": [{"ByParentJobId": "*"}],
    "ListRecoveryPointsByBackupVault": [{"ByParentRecoveryPointArn": "*"}],
}
"""Per operation, parameters that it is also asked with; "*" is each value that is known."""

ALIASES = {
    "ByParentJobId": ("BackupJobId", "CopyJobId", "RestoreJobId"),
    "ByAccountId": ("AccountId",),
    "ByResourceType": ("ResourceType",),
    "ByParentRecoveryPointArn": ("RecoveryPointArn",),
}
"""Per parameter, the members of answers whose values it takes."""


def ask(fake: FakeBackup, home: Home, operation: str, **asked: Any) -> str:
    """The text of a fake's answer to a caller in an account and Region, and its warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        answer = _answer(fake, home, operation, asked)
    said = "".join(f"\nwarned: {each.message}" for each in warned)
    return f"{answer.status} {content(answer).decode()}{said}"


def _answer(fake: FakeBackup, home: Home, operation: str, asked: Mapping[str, Any]) -> Answer:
    request = Request(model().operation_model(operation), asked, *home)
    answer = fake.backend.begin(request).attempt()
    assert isinstance(answer, Answer)
    return answer


@functools.cache
def _reads() -> list[tuple[str, list[str], bool]]:
    """The read operations, what each requires, and whether it answers in pages; lists first."""
    found = []
    for name in operations():
        if known(name) and name.startswith(READS):
            shape = model().operation_model(name).input_shape
            members = {} if shape is None else shape.members
            required = [] if shape is None else list(shape.required_members)
            found.append((name, required, "MaxResults" in members))
    return sorted(found, key=lambda each: (len(each[1]), not each[0].startswith("List"), each[0]))


def read_everything(fake: FakeBackup, homes: list[Home]) -> list[str]:
    """What a fake answers to every read operation, about all that it holds."""
    return [text for home in homes for text in _Reading(fake, home).everything()]


class _Reading:
    """What one account is answered in one Region, and the values that the answers have named."""

    def __init__(self, fake: FakeBackup, home: Home) -> None:
        self.fake, self.home = fake, home
        self.said: Known = {"MalwareScanner": {"GUARDDUTY": None}, "ScanEndTime": {MIDNIGHT: None}}

    def everything(self) -> Iterator[str]:
        """The answers of all read operations, with what each was asked."""
        for operation, required, paged in _reads():
            for asked in self._requests(operation, required):
                for text in self._pages(operation, asked, paged=paged):
                    yield f"{self.home} {operation} {asked}: {text}"

    def _requests(self, operation: str, required: list[str]) -> Iterator[dict[str, Any]]:
        """The parameters with which an operation is asked."""
        values = [self._values(operation, name) for name in required]
        for each in itertools.islice(itertools.product(*values), MOST):
            asked = dict(zip(required, each, strict=True))
            yield asked
            for also in ALSO.get(operation, ()):
                if takes(operation, *also):
                    yield from self._more(operation, asked, also)

    def _more(
        self, operation: str, asked: dict[str, Any], also: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        for name, value in also.items():
            values = self._values(operation, name) if value == "*" else [value]
            for each in values[:PAGE]:
                yield {**asked, **also, name: each}

    def _values(self, operation: str, name: str) -> list[Any]:
        if operation == "ListTags":
            # Whatever has an ARN.
            arns = (
                each for key, values in self.said.items() if key.endswith("Arn") for each in values
            )
            return [arn for arn in dict.fromkeys(arns) if ":backup:" in arn]
        return [each for member in ALIASES.get(name, (name,)) for each in self.said.get(member, ())]

    def _pages(self, operation: str, asked: dict[str, Any], *, paged: bool) -> Iterator[str]:
        """The texts of an answer, page by page; what it says is learnt."""
        token: dict[str, Any] = {}
        while True:
            size = {"MaxResults": PAGE} if paged else {}
            answer = _answer(self.fake, self.home, operation, {**asked, **size, **token})
            yield f"{answer.status} {content(answer).decode()}"
            shown = json.loads(content(answer)) if answer.error is None and content(answer) else {}
            _learn(shown, self.said)
            if not paged or not shown.get("NextToken"):
                return
            token = {"NextToken": shown["NextToken"]}


def _learn(shown: Any, said: Known) -> None:
    for name, value in shown.items() if isinstance(shown, dict) else ():
        if isinstance(value, (str, int, float)):
            said.setdefault(name, {})[value] = None
    for each in shown.values() if isinstance(shown, dict) else shown:
        if isinstance(each, (dict, list)):
            _learn(each, said)
