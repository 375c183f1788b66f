"""Evaluate access policies of vaults for one call of one principal, as IAM does.

Imported with the option `enforce_policies` alone. What a statement may have stands in tables;
anything else is refused when the policy is put, so that no statement is half understood. The guide
`rules`, Access policies, is about it.
"""

from __future__ import annotations

import fnmatch
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.errors import FakeBackupError, near, quoted
from fakebackup.model.vaults.policies import check_document, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fakebackup.model.resources.arns import Principal

    Statement = Mapping[str, Any]
    Check = Callable[["Asked"], bool]


class Asked(NamedTuple):
    """What a policy decides on.

    Attributes:
        principal: who calls.
        action: as policies name it, as in `backup:DeleteBackupVault`.
        resource: the ARN of the vault, or of a recovery point in it.
    """

    principal: Principal
    action: str
    resource: str


COPY_INTO = "CopyIntoBackupVault"
"""The one action that is no operation: a copy job's into its destination."""

OF_VAULTS = (
    "AssociateBackupVaultMpaApprovalTeam",
    "CreateRestoreAccessBackupVault",
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVaultNotifications",
    "DescribeBackupVault",
    "DisassociateBackupVaultMpaApprovalTeam",
    "GetBackupVaultAccessPolicy",
    "GetBackupVaultNotifications",
    "ListProtectedResourcesByBackupVault",
    "ListRecoveryPointsByBackupVault",
    "ListRestoreAccessBackupVaults",
    "PutBackupVaultAccessPolicy",
    "PutBackupVaultLockConfiguration",
    "PutBackupVaultNotifications",
    "RevokeRestoreAccessBackupVault",
    "StartBackupJob",
    COPY_INTO,
)
OF_POINTS = (
    "CreateBackupAccessPoint",
    "DeleteRecoveryPoint",
    "DescribeRecoveryPoint",
    "DisassociateRecoveryPoint",
    "DisassociateRecoveryPointFromParent",
    "GetPITRMalwareScanResults",
    "GetRecoveryPointIndexDetails",
    "GetRecoveryPointRestoreMetadata",
    "GetRestoreTestingInferredMetadata",
    "StartCopyJob",
    "StartRestoreJob",
    "StartScanJob",
    "UpdateRecoveryPointIndexSettings",
    "UpdateRecoveryPointLifecycle",
)
OF_BOTH = ("ListTags", "TagResource", "UntagResource")
"""The operations whose resource is a vault, a recovery point, or either: all that are decided."""

KNOWN_ACTIONS = tuple(f"backup:{each}" for each in sorted((*OF_VAULTS, *OF_POINTS, *OF_BOTH)))

_KEYS: Mapping[str, Callable[[Principal], str | None]] = {
    "aws:PrincipalAccount": lambda principal: principal.account,
    # That of a session is its role's [documented: IAM's reference].
    "aws:PrincipalArn": lambda principal: principal.role or principal.arn,
    # All accounts of a fake are of one organisation: the one that is named [assumed].
    "aws:PrincipalOrgID": lambda _principal: None,
    "aws:userid": lambda principal: principal.user_id,
}
"""The condition keys, and the value of each, None for whatever the condition names; their names are
compared whatever their case."""


def _is_like(value: str, pattern: str) -> bool:
    """Return whether a text is like a pattern, in which `*` is any text and `?` any character."""
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


_PARTS = 6


def _is_arn_like(value: str, pattern: str) -> bool:
    """Return whether an ARN is like a pattern, part by part [documented: IAM's reference]."""
    parts, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) == _PARTS and all(map(_is_like, parts, patterns))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _is_like,
    "ArnEquals": _is_arn_like,
    "ArnLike": _is_arn_like,
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_ALL_OPERATORS = (*_OPERATORS, *_NEGATED)


# --- Deciding -----------------------------------------------------------------------------


def denies(policy: str, asked: Asked) -> bool:
    """Return whether a statement of a policy denies what is asked.

    Raises:
        FakeBackupError: the policy has what the fake does not evaluate.
    """
    return any(applies(asked) for effect, applies in _compiled(policy) if effect == "Deny")


def allows(policy: str | None, asked: Asked) -> bool:
    """Return whether a statement of a policy allows what is asked, and none denies it.

    Raises:
        FakeBackupError: the policy has what the fake does not evaluate.
    """
    if policy is None or denies(policy, asked):
        return False
    return any(applies(asked) for effect, applies in _compiled(policy) if effect == "Allow")


def check(policy: str) -> None:
    """Refuse a policy that the fake cannot evaluate.

    Args:
        policy: a document in IAM's grammar.

    Raises:
        FakeBackupError: it has what the fake does not evaluate; the message says what it knows.
    """
    _compiled(policy)


@functools.lru_cache(maxsize=64)
def _compiled(policy: str) -> list[tuple[str, Check]]:
    """Return each statement of a policy as its effect and the check whether it applies."""
    return [
        (statement["Effect"], _applies(statement)) for statement in check_document("Policy", policy)
    ]


def _applies(statement: Statement) -> Check:
    conditions = [
        _holds(operator, key, value)
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    ]
    checks = (_is_for(statement), _acts(statement), _covers(statement), *conditions)
    return lambda asked: all(check(asked) for check in checks)


# --- Whom a statement is for ----------------------------------------------------------------


def _is_for(statement: Statement) -> Check:
    element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    principal = statement[element]
    named = {"AWS": principal} if isinstance(principal, str) else principal
    for kind in named:
        if kind != "AWS":
            raise _unknown(f"a {element} of the kind", kind, ("AWS",))
    listed = texts(named, "AWS")
    if element == "Principal":
        return lambda asked: any(_names(each, asked.principal) for each in listed)
    if statement["Effect"] == "Allow":
        raise _unknown("an Allow with", "NotPrincipal", ("Principal", "a Deny with NotPrincipal"))
    return lambda asked: not _excepts(listed, asked.principal)


def _names(entry: str, principal: Principal) -> bool:
    """Return whether an entry of a Principal names one: itself, its role, or its account."""
    return entry == "*" or _is_account(entry, principal) or entry in (principal.arn, principal.role)


def _is_account(entry: str, principal: Principal) -> bool:
    is_root = entry.startswith("arn:") and entry.endswith(":root")
    return (entry.split(":")[4] if is_root else entry) == principal.account


def _excepts(listed: list[str], principal: Principal) -> bool:
    """Return whether a NotPrincipal excepts a principal.

    All that it is must be listed: its account, its role, and the session itself [documented: IAM's
    reference].
    """
    arns = {each for each in (principal.arn, principal.role) if each is not None}
    needed = {each for each in arns if not each.endswith(":root")}
    of_account = any(_is_account(each, principal) for each in listed)
    return "*" in listed or (of_account and needed.issubset(listed))


# --- What it is about ------------------------------------------------------------------------


def _is_action(name: str, pattern: str) -> bool:
    """Return whether an action's name is like a pattern, whatever the case of either.

    [documented: IAM's reference]
    """
    return _is_like(name.lower(), pattern.lower())


def _acts(statement: Statement) -> Check:
    element = "NotAction" if "NotAction" in statement else "Action"
    patterns = texts(statement, element)
    for pattern in patterns:
        if not any(_is_action(each, pattern) for each in KNOWN_ACTIONS):
            raise _unknown(f"the {element}", pattern, KNOWN_ACTIONS)

    def acts(asked: Asked) -> bool:
        return any(_is_action(asked.action, each) for each in patterns)

    return acts if element == "Action" else lambda asked: not acts(asked)


def _covers(statement: Statement) -> Check:
    element = "NotResource" if "NotResource" in statement else "Resource"
    patterns = texts(statement, element)
    for pattern in patterns:
        _check_no_variable(element, pattern)

    def covers(asked: Asked) -> bool:
        return any(_is_like(asked.resource, each) for each in patterns)

    return covers if element == "Resource" else lambda asked: not covers(asked)


# --- Its conditions ---------------------------------------------------------------------------


def _holds(operator: str, key: str, value: object) -> Check:
    """Return the check of one condition: any of its values does, or none where it is negated."""
    base = operator.removesuffix("IfExists")
    if base not in _ALL_OPERATORS:
        raise _unknown("the condition operator", operator, _ALL_OPERATORS)
    known = {each.lower(): read for each, read in _KEYS.items()}
    if key.lower() not in known:
        raise _unknown("the condition key", key, _KEYS)
    listed = [_text(key, each) for each in (value if isinstance(value, list) else [value])]
    is_negated, read = base in _NEGATED, known[key.lower()]
    compare = _OPERATORS[_NEGATED.get(base, base)]

    def holds(asked: Asked) -> bool:
        found = read(asked.principal)
        is_met = found is None or any(compare(found, each) for each in listed)
        return is_met is not is_negated

    return holds


def _text(key: str, value: object) -> str:
    """Return a value of a condition on a key, which is a text without variables."""
    if not isinstance(value, str):
        raise _unknown(f"a value of {key} that is no text:", value, ("texts",))
    _check_no_variable(f"the condition on {key}", value)
    return value


def _check_no_variable(where: str, text: str) -> None:
    if "${" in text:
        raise _unknown(f"in {where} a policy variable:", text, ("texts", "* and ?"))


def _unknown(what: str, seen: object, known: Iterable[str]) -> FakeBackupError:
    """Return the refusal of what a policy has and the fake does not evaluate."""
    names = list(known)
    return FakeBackupError(
        f"With enforce_policies=True a vault's policy cannot have {what} {quoted(seen)}"
        f"{near(seen, names) or '.'} fakebackup evaluates {', '.join(names)} there, and refuses "
        f"what it would have to ignore. Leave that out of the policy of this test, or leave "
        f"enforce_policies out and let backup.fail() show your code the refusal; "
        f"`python -m fakebackup guide rules` has all that is known."
    )
