"""What stands for a private text: the same for the same text, numbered in order of appearance."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_WHOLE_UUID = re.compile(_UUID)
_WITH_UUID = re.compile(f"(.*?)({_UUID})(.*)", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")
# What AWS's own ids begin with; what stands before another number may be a name.
_AWS_ID = re.compile(
    r"(ami|backup|eni|fs|fsvol|gateway|i|lt|mrk|rtb|sg|sgw|snap|subnet|svm|vgw|vm|vol|vpc)-"
    r"([0-9a-f]{8,40})"
)
_REGION = re.compile(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?"
    r"-(?:central|(?:north|south)(?:east|west)?|east|west)-\d{1,2}"
)
SERVICE_HOST = re.compile(r"[a-z0-9-]+\.amazonaws\.com(\.cn)?")
"""What names a service of AWS; what has further labels before it may be of a customer's bucket."""
# The points of some types have the name of the resource in their ARNs, with a date or a number.
_POINT = re.compile(r"(.+?)(?:-(\d{8,14}))?(?:-([0-9a-f]{8}))?")

_OWN_NAME = re.compile(
    r"Default|aws/efs/automatic-backup-(?:plan|selection|vault)"
    r"|AWSBackupDefaultServiceRole|AWSServiceRoleFor[A-Z]\w+"
    r"|(?:alias/)?aws/(?:backup|dynamodb|ebs|elasticfilesystem|fsx|rds|redshift|s3)"
)
_OWN = frozenset({"alias", "plan", "role", "selection", "vault"})
"""The kinds of things that AWS makes in every account, by the same names."""

# What stands behind it in the path of a role is the service whose role it is.
_SERVICE_ROLES = "aws-service-role"

_WORDS = {
    "id": {"aws", "composite", "continuous", "efs", "eks", "orgs"},
    "role": {"aws-reserved", _SERVICE_ROLES, "service-role"},
    "user": {"root"},
}
# In an ARN such as table/NAME/backup/NUMBER every second word is a type.
_TYPES = frozenset({"DB", "backup", "table", "volume"})

# Services whose ARNs have no type: what they begin with is a name.
_UNTYPED = frozenset({"s3", "sns", "sqs"})

_KIND_OF_TYPE = {
    "accesspoint": "access-point",
    "alias": "alias",
    "approval-team": "team",
    "assumed-role": "role",
    "backup-plan": "id",
    "backup-vault": "vault",
    "framework": "framework",
    "key": "id",
    "legal-hold": "id",
    "recovery-point": "id",
    "report-plan": "report_plan",
    "restore-testing-plan": "restore_testing_plan",
    "role": "role",
    "session": "team",
    "tiering-configuration": "tiering_configuration",
    "user": "user",
}
"""By the type in an ARN, what a name in it is of; others are of resources."""


_UNDERSCORED = frozenset(
    {
        "framework",
        "report_plan",
        "restore_testing_plan",
        "restore_testing_selection",
        "tiering_configuration",
    }
)
"""The kinds whose names AWS allows no hyphen in."""


class Pseudonyms:
    """What stands for the private texts of one document.

    Attributes:
        made: how many there are of each kind.
        kept: what was left of each kind, with how often.
        names: the names of AWS's own that were left.
    """

    def __init__(self, original: Collection[str]) -> None:
        # Nothing that stands for a text is a text of the original.
        self._taken = original
        self._made: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()
        self.kept: Counter[str] = Counter()
        self.names: set[str] = set()

    @property
    def made(self) -> Counter[str]:
        """How many private texts there are of each kind."""
        return Counter(kind for kind, _ in self._made)

    def _numbered(self, kind: str, text: str, form: Callable[[int], str], series: str = "") -> str:
        """Return what stands for a text of a kind, made from the next number that is free."""
        key = kind, text
        while key not in self._made:
            self._numbers[series or kind] += 1
            made = form(self._numbers[series or kind])
            if made not in self._taken:
                self._made[key] = made
        return self._made[key]

    def account(self, text: str) -> str:
        """Return what stands for an account's id."""
        return self._numbered("account", text, _account_number)

    def uuid(self, text: str) -> str:
        """Return the UUID that stands for an id, whether it is a UUID itself or not."""
        return self._numbered("id", text.lower(), "00000000-0000-4000-8000-{:012d}".format)

    def region(self, text: str) -> bool:
        """Whether a text is the name of a Region, which is kept."""
        found = _REGION.fullmatch(text) is not None
        self.kept["Regions"] += found
        return found

    def name(self, kind: str, text: str) -> str:
        """Return what stands for a name, an id or another text of a kind.

        Wildcards stay, and what has the form of AWS's ids keeps it.
        """
        if not text or self._is_own(kind, text):
            return text
        if "*" in text and not text.startswith("arn:"):
            return "*".join(self.name(kind, each) for each in text.split("*"))
        return self._formed(kind, text) or (
            self.uuid(text) if kind == "id" else self.whole(kind, text)
        )

    def _is_own(self, kind: str, text: str) -> bool:
        own = kind in _OWN and _OWN_NAME.fullmatch(text) is not None
        if own:
            self.names.add(text)
        return own

    def _formed(self, kind: str, text: str) -> str | None:
        """Return what stands for a text that has a form of AWS's; None for another one."""
        if text.startswith("arn:"):
            return self.arn(text)
        if _ACCOUNT.fullmatch(text):
            return self.account(text)
        if version := _version(text):
            return base64.b64encode(self.uuid(version).encode()).decode()
        if found := _AWS_ID.fullmatch(text):
            return self._aws_id(found[1], found[2])
        if found := _WITH_UUID.fullmatch(text):
            before, uuid, after = found.groups()
            return self._around(kind, before) + self.uuid(uuid) + self._around(kind, after)
        return None

    def whole(self, kind: str, text: str) -> str:
        """Return what stands for a text of a kind, without a look into it."""
        joint = "_" if kind in _UNDERSCORED else "-"
        return self._numbered(kind, text, lambda number: f"{kind}{joint}{number}")

    def _around(self, kind: str, text: str) -> str:
        """Return what stands for a text beside a UUID: AWS's own prefix, or a name."""
        if text in ("", "job-", "aws/efs/", "orgs/"):
            return text
        name = text.strip("-/")
        kind = "resource" if kind == "id" else kind
        return text.replace(name, self.name(kind, name)) if name else text

    def _aws_id(self, prefix: str, number: str) -> str:
        made = f"{prefix}-{{:0{len(number)}d}}".format
        return self._numbered("id", f"{prefix}-{number}", made, f"{prefix}-{len(number)}")

    def arn(self, text: str) -> str:
        """Return what stands for an ARN: partition, service, Region and type stay."""
        parts = text.split(":", 5)
        if len(parts) < 6 or not self._is_headed(parts):  # noqa: PLR2004  an ARN's parts
            return self.whole("resource", text)
        _, partition, service, region, account, resource = parts
        if account not in ("", "*", "aws"):
            account = self.account(account)
        elif account == "aws":
            # AWS's own, as its managed policies.
            self.names.add(text)
            return text
        named = self._resource(service, resource)
        return f"arn:{partition}:{service}:{region}:{account}:{named}"

    def _is_headed(self, parts: list[str]) -> bool:
        _, partition, service, region, _, _ = parts
        return bool(
            re.fullmatch(r"aws[a-z-]*|\*", partition)
            and re.fullmatch(r"[a-z0-9-]+|\*", service)
            and (region in ("", "*") or self.region(region))
        )

    def _resource(self, service: str, text: str) -> str:
        typed = re.match(r"([A-Za-z][A-Za-z-]*)([:/])", text)
        if typed is None or (service in _UNTYPED and typed[1] != "accesspoint"):
            return self._parts("user" if service == "iam" else "resource", text)
        first, rest = typed[1], text[typed.end() :]
        kind = _KIND_OF_TYPE.get(first, "resource")
        if self._is_own(kind, rest):
            return text
        return typed[0] + (
            self._point(rest) if first == "recovery-point" else self._parts(kind, rest)
        )

    def _parts(self, kind: str, text: str) -> str:
        parts = re.split("([:/])", text)
        names = parts[::2]
        parts[::2] = [
            each
            if kind == "role" and before == _SERVICE_ROLES and SERVICE_HOST.fullmatch(each)
            else self._part(kind, each, at)
            for at, (before, each) in enumerate(zip(["", *names], names, strict=False))
        ]
        return "".join(parts)

    def _part(self, kind: str, text: str, at: int = 0) -> str:
        is_word = text in _WORDS.get(kind, ()) or (at % 2 and text in _TYPES)
        if is_word or text == "awsbackup":
            return text
        return self.name(kind, text)

    def _point(self, text: str) -> str:
        """Return what stands for the last part of a recovery point's ARN."""
        *before, last = re.split("([:/])", text)
        before[::2] = [self._part("id", each) for each in before[::2]]
        head = "".join(before)
        found = _POINT.fullmatch(last)
        if _WHOLE_UUID.fullmatch(last) or not found or not (found[2] or found[3]):
            return head + self.name("id", last)
        name, date, number = found.groups()
        kept = [self.name("resource", name), *([date] if date else [])]
        if number:
            kept.append(self._numbered("id", f"-{number}", "{:08d}".format, "point"))
        return head + "-".join(kept)


def _account_number(number: int) -> str:
    """Return the n-th account id: 111111111111, 222222222222, ..."""
    return str(number) * 12 if number < 10 else f"{100_000_000_000 + number}"  # noqa: PLR2004  digits


def _version(text: str) -> str | None:
    """Return the UUID that a plan's version is written from; None for another text."""
    try:
        found = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return found if _WHOLE_UUID.fullmatch(found) else None
