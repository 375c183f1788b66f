"""ARNs: build them for an account and a Region, and parse vault and report plan ARNs."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple, Protocol

from fakebackup import ids

ROLE = "arn:{p}:iam::{a}:role/service-role/AWSBackupDefaultServiceRole"
"""The IAM role of a job that names none, as a pattern."""

# Forms are texts: `re` compiles one when it is first used, and most processes use few of them.
ARN = r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):[^:]*:[^:]*:.+"
"""The form of every ARN."""

ROLE_ARN = r"arn:aws[a-z-]*:iam::\d{12}:role/.+"
KEY_ARN = r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/.+"
TOPIC_ARN = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:(?P<account>\d{12}):(?P<name>[\w-]+(\.fifo)?)"
TEAM_ARN = r"arn:aws[a-z-]*:mpa:[a-z0-9-]+:\d{12}:approval-team/[\w-]+"
FRAMEWORK_ARN = r"arn:aws[a-z-]*:backup:[a-z0-9-]+:\d{12}:framework[:/].+"
ACCESS_POINT_ARN = r"arn:[^:]+:backup:[^:]+:\d{12}:accesspoint/.+"
VAULT_ARN = r"arn:[^:]+:backup:(?P<region>[^:]+):(?P<account>\d{12}):backup-vault:(?P<name>[^:]+)"


def region_of(arn: str) -> str:
    """Return the Region in an ARN; empty for one that has none, as that of an S3 bucket."""
    return f"{arn}::::".split(":", 4)[3]


class Home(NamedTuple):
    """The account and the Region that a job, a vault or an entry lies in."""

    account: str
    region: str

    def arn(self, pattern: str) -> str:
        """Fill in an ARN pattern that has no number in it for this account and Region."""
        return _with_home(pattern, self.account, self.region).format()

    def vault(self, name: str) -> str:
        """Return the ARN of a vault of this account and Region."""
        return self.arn("arn:{p}:backup:{r}:{a}:backup-vault:") + name


def home_in(arn: str) -> Home | None:
    """Return the account and the Region in an ARN of AWS Backup; None for any other text."""
    found = re.match(_OF_BACKUP, arn)
    return None if found is None else Home(found["account"], found["region"])


_OF_BACKUP = r"arn:[^:]+:backup:(?P<region>[^:]+):(?P<account>\d{12}):"


class Principal(NamedTuple):
    """Who makes a call, as policies name it.

    Attributes:
        account: the id of the account.
        arn: the ARN of the user, of the session of a role, or of the account's root.
        user_id: the unique id, which is the condition key aws:userid.
        role: the ARN of the role that a session is of; None for anybody else.
    """

    account: str
    arn: str
    user_id: str
    role: str | None = None


class Scope(NamedTuple):
    """The account and the Region that something a test set up is limited to; None is any."""

    account: str | None = None
    region: str | None = None

    def has(self, account: str, region: str) -> bool:
        """Return whether something in an account and a Region is within the scope."""
        return self.account in (None, account) and self.region in (None, region)

    def within(self, other: Scope) -> bool:
        """Return whether all of this scope is within another one."""
        return other.account in (None, self.account) and other.region in (None, self.region)

    def __str__(self) -> str:
        return "".join(
            (
                "" if self.account is None else f" of account {self.account}",
                "" if self.region is None else f" in {self.region}",
            )
        )


EVERYWHERE = Scope()
"""The scope of every account and Region."""


class Around(Protocol):
    """What the fake that something is put into knows."""

    def vault_type(self, arn: str) -> str | None:
        """Return the type of the vault with an ARN, if there is one so far."""

    def unmanaged(self, home: Home) -> frozenset[str]:
        """Return the resource types that an account leaves to their own service in a Region."""

    def distinct(self, arn: str, owner: tuple[int, str]) -> str:
        """Return an ARN that says no number, made one that nothing else in the fake has.

        Args:
            arn: the ARN.
            owner: the number of what gets it, and a mark: the same owner always gets the same.
        """


class Place(NamedTuple):
    """What default members are computed from: account, Region, number and dates.

    Attributes:
        home: the account and the Region.
        number: the number, in the fake, of the job or vault that is added, from 1.
        now: the present, in milliseconds since the epoch.
        created: the default creation date, in milliseconds since the epoch.
        around: what the fake knows; None for a place in no fake.
    """

    home: Home
    number: int
    now: int
    created: int
    around: Around | None = None

    def arn(self, pattern: str, **words: str) -> str:
        """Fill in the pattern of an ARN or an id; `words` are for further placeholders."""
        return _with_home(pattern, *self.home).format(n=self.number, **words)

    def distinct(self, arn: str, mark: str) -> str:
        """Return an ARN that says no number, made one that nothing else in the fake has.

        Args:
            arn: the ARN.
            mark: tells what has the place's number apart, "c" for copies.
        """
        return arn if self.around is None else self.around.distinct(arn, (self.number, mark))

    def manages(self, resource_type: str) -> bool:
        """Return whether AWS Backup manages a type that an account may leave to its service."""
        return self.around is None or resource_type not in self.around.unmanaged(self.home)

    def vault_type(self, arn: str | None) -> str | None:
        """Return the type of the vault with an ARN, if there is one in the fake so far."""
        return None if self.around is None or arn is None else self.around.vault_type(arn)


@functools.lru_cache(maxsize=1024)
def _with_home(pattern: str, account: str, region: str) -> str:
    """Fill in all of a pattern but the number."""
    values = {
        "{p}": partition(region),
        # A user's ARN may hold any text.
        "{r}": plain(region),
        "{a}": plain(account),
        "{uuid}": ids.uuid_pattern("f"),
        "{other}": ids.uuid_pattern("e"),
    }
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return pattern


def plain(text: str) -> str:
    """Return a text as it stands in a pattern that is still to be filled in."""
    return text.replace("{", "{{").replace("}", "}}")


class VaultName(NamedTuple):
    """The account, the Region and the name in the ARN of a vault."""

    home: Home
    name: str


@functools.lru_cache(maxsize=1024)
def vault_named_by(arn: str) -> VaultName | None:
    """Parse the ARN of a vault, which need not exist; None for any other ARN."""
    found = re.fullmatch(VAULT_ARN, arn)
    if found is None:
        return None
    return VaultName(Home(found["account"], found["region"]), found["name"])


def report_plan_name(arn: str) -> str:
    """Return the name in a report plan's ARN, whose last part is the name, "-" and a uuid."""
    return arn.rpartition(":")[2].partition("-")[0]


def partition(region: str) -> str:
    """Return the partition that a Region belongs to."""
    for prefix, name in _PARTITIONS:
        if region.startswith(prefix):
            return name
    return "aws"


_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)
