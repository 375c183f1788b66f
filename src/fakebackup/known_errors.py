"""The errors of AWS whose texts are known: one table, each with its number and its source.

A row makes its error from what the text names, as in ``VAULT_EXISTS.error(name)``. All other
texts are the fake's own, and have neither number nor context. The guide `aws`, Codes and
messages, prints the table.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from fakebackup.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_INVALID = "InvalidParameterValueException"
_REQUEST = "InvalidRequestException"
_MISSING = "MissingParameterValueException"
_NOT_FOUND = "ResourceNotFoundException"
_EXISTS = "AlreadyExistsException"
_DENIED = "AccessDeniedException"


class KnownError(NamedTuple):
    """An error that AWS was seen to answer, or documents.

    Attributes:
        code: the exception's name.
        text: AWS's text, with `{}` for each argument.
        evidence: the kind of evidence, and its source.
        number: the body's Code, where one was seen.
        in_context: how many of the arguments, from the first, are in the body's Context.
        status: the HTTP status.
    """

    code: str
    text: str
    evidence: str
    number: str | None = None
    in_context: int = 0
    status: int = 400

    def error(self, *arguments: str) -> AwsError:
        """Return the error, with the arguments in its text."""
        return AwsError(
            self.code,
            self.text.format(*arguments),
            number=self.number,
            context=_context(arguments[: self.in_context]),
            status=self.status,
        )


def _context(arguments: Sequence[str]) -> str | None:
    """Return the Context with a text's arguments: one of three forms [reported].

    One argument stands as it is, several as JSON text without blanks; without any it is null.
    """
    if len(arguments) < 2:  # noqa: PLR2004  one argument, or none
        return arguments[0] if arguments else None
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


# --- Vaults -------------------------------------------------------------------------------

INSUFFICIENT_PRIVILEGES = KnownError(
    _DENIED,
    "Insufficient privileges to perform this action.",
    "reported: aws-sdk-js #2625, boto3 #2269, steampipe #1156",
    status=403,
)
DENIED_BY_IDENTITY = KnownError(
    _DENIED,
    "User: {} is not authorized to perform: {} on resource: {} because no identity-based policy "
    "allows the {} action",
    "reported",
    status=403,
)
DENIED_BY_VAULT = KnownError(
    _DENIED,
    "User: {} is not authorized to perform: {} on resource: {} with an explicit deny in a "
    "resource-based policy",
    "recorded: aws-nuke #1150",
    status=403,
)
NOT_IN_REGION = KnownError(
    _DENIED,
    "This API is not available in current Region.",
    "reported: prowler #4576",
    status=403,
)
VAULT_EXISTS = KnownError(
    _EXISTS,
    "A Backup vault with the name {} already exists",
    "reported: trackit PR #17",
    "ERROR_1101",
    in_context=1,
)
VAULT_NAME = KnownError(_INVALID, "Backup vault name {} is not valid", "reported: aws-cdk #8685")
VAULT_HAS_POINTS = KnownError(
    _REQUEST,
    "Backup vault cannot be deleted because it contains recovery points.",
    "reported: cloud-nuke #730",
    "ERROR_9101",
)
NO_NOTIFICATIONS = KnownError(
    _NOT_FOUND,
    "Failed reading notifications from database for Backup vault {}",
    "reported: aws-sdk-go-v2 #1885",
    "ERROR_2106",
    in_context=1,
)
VAULT_EVENTS = KnownError(
    _INVALID,
    "Please select from the following list of notifications {}",
    "reported: cloudformation-coverage-roadmap #1188",
)
NO_POLICY = KnownError(
    _NOT_FOUND, "Backup Vault {} has no associated POLICY", "reported: steampipe #2032"
)
POLICY_PRINCIPAL = KnownError(
    _INVALID, "Provided principal is not valid", "reported: terraform's provider"
)
POLICY_LOCKS_OUT = KnownError(
    _INVALID,
    "Failed putting policy for Backup vault {} as it will lock down from further policy changes",
    "recorded: a CDK program; the exception assumed",
)
POLICY_SHARES = KnownError(
    _DENIED,
    "The specified policy cannot be added to the vault due to cross-account sharing "
    "restrictions. Amend the policy or the vault's settings, then retry request",
    "recorded: aws-nuke #1150; the exception assumed from the status",
    status=403,
)

# --- Recovery points ----------------------------------------------------------------------

NO_POINT = KnownError(
    _NOT_FOUND,
    "Cannot find recovery point.",
    "recorded: elastio; reported: cloudquery",
    "ERROR_2603",
)
POINT_IS_HELD = KnownError(
    _REQUEST,
    "The recovery point cannot be deleted because it has active legal hold(s)",
    "documented: AWS's knowledge center; the exception assumed",
)
UNSUPPORTED_TYPE = KnownError(
    _INVALID, "Unsupported resource type: {}", "reported: aws-sdk-go-v2 #1904 #1912"
)
COLD_TOO_SHORT = KnownError(
    _INVALID,
    "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "
    "MoveToColdStorageAfterDays",
    "reported: terraform PR #7350",
)
DAYS_OUT_OF_BOUNDS = KnownError(
    _INVALID,
    "Invalid lifecycle. {} cannot be less than 1 or more than 36500 days",
    "reported of DeleteAfterDays: lgallard #61; else assumed",
)
CONTINUOUS_IS_COLD = KnownError(
    _INVALID,
    "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable",
    "reported: lgallard #40",
)
CONTINUOUS_HAS_NO_LIFECYCLE = KnownError(
    _INVALID,
    "Lifecycle must be specified for backup rule enabled continuous backup",
    "reported: aws-cdk PR #17602, terraform #39530",
)

# --- Roles --------------------------------------------------------------------------------

ROLE_NOT_ASSUMED = KnownError(
    _INVALID, "IAM Role {} cannot be assumed by AWS Backup", "reported: terraform's provider"
)
ROLE_MAY_NOT_LOOK = KnownError(
    _INVALID,
    "IAM Role {} is not authorized to call tag:GetResources",
    "reported: awslambda #1",
    "ERROR_3018",
    in_context=1,
)

# --- Plans --------------------------------------------------------------------------------

IN_RULE = KnownError(
    _INVALID,
    "Error in rule {} : {}",
    "reported: lgallard #40 #61, aws-cdk #8685",
    "ERROR_3015",
    in_context=2,
)
PLAN_EXISTS = KnownError(
    _EXISTS, "Backup plan with the same plan document already exists", "reported"
)
NO_PLAN = KnownError(
    _NOT_FOUND, "Failed reading Backup plan with provided version", "reported: moto"
)
PLAN_HAS_SELECTIONS = KnownError(
    _REQUEST,
    "Related backup plan selections must be deleted prior to backup plan deletion",
    "documented: guide",
)
PLAN_OF_ORGANIZATION = KnownError(
    _INVALID,
    "Backup plan cannot be deleted for backup plan {} created by organizations",
    "reported: aws-nuke #633",
)
SELECTION_OF_ORGANIZATION = KnownError(
    _INVALID,
    "Cannot delete selection for backup plan {} created by organizations",
    "reported: aws-nuke #633",
)
NO_PLAN_TO_SELECT_FOR = KnownError(_INVALID, "Cannot find Backup plan with ID {}", "reported")
SELECTS_NOTHING = KnownError(
    _MISSING,
    "Either Resources or Conditions must not be null",
    "reported: lgallard #38",
    "ERROR_4301",
)
SELECTS_BY_CONDITIONS_ALONE = KnownError(
    _INVALID,
    "Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty.",
    "reported: terraform PR #25436",
)

# --- Audit Manager, settings, restores ----------------------------------------------------

CONTROLS_EXIST = KnownError(
    _EXISTS,
    "Controls in framework {} from account {} already exist.",
    "reported: terraform #23382",
)
REPORT_OF_FRAMEWORKS_AND_ACCOUNTS = KnownError(
    _INVALID,
    "Invalid parameter: For multi-account, multi-Region reports, use Accounts, "
    "OrganizationUnits and Regions",
    "reported: terraform #32235",
)
UNKNOWN_TYPE_SETTING = KnownError(
    _INVALID,
    "Element present in resource type {} preference has invalid values. Please use "
    "describeRegionSettings API to know the supported resource types",
    "recorded of opt in; else assumed",
)
NO_ORGANIZATION = KnownError(
    _REQUEST,
    "Your account is not a member of an organization.",
    "reported",
    "ERROR_9601",
)
RESTORE_IS_OVER = KnownError(
    _INVALID, "Restore job ID already finished", "reported: a log of the AWS CLI"
)

TABLE: tuple[KnownError, ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, KnownError)
)
"""All of them, in the order above."""


def in_rule(name: str, error: AwsError) -> AwsError:
    """Return the error for a fault inside a plan's rule, whichever check found it.

    The number was reported of InvalidParameterValueException; other exceptions keep their name
    and have none [assumed].

    Args:
        name: the rule's RuleName.
        error: the fault's error without the rule.
    """
    found = IN_RULE.error(name, error.message)
    if error.code == found.code:
        return found
    return AwsError(error.code, found.message, status=error.status)


def known_or_own(code: str, message: str, status: int) -> AwsError:
    """Return an error with a test's own text; number and context are those of the table.

    Args:
        code: the exception's name.
        message: the text.
        status: the HTTP status.
    """
    import re

    for each in TABLE:
        pattern = "(.+)".join(map(re.escape, each.text.split("{}")))
        found = re.fullmatch(pattern, message, re.DOTALL) if each.code == code else None
        if found is not None:
            context = _context(found.groups()[: each.in_context])
            return AwsError(code, message, number=each.number, context=context, status=status)
    return AwsError(code, message, status=status)
