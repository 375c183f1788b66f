"""Access policies of vaults: which ones AWS Backup takes.

What a policy must be is IAM's grammar of policies of resources; what AWS Backup refuses beyond
that is in the guide `aws`, Access policies. `evaluator` decides calls by them.
"""

from __future__ import annotations

import fnmatch
import itertools
import re
from typing import TYPE_CHECKING, Any

from fakebackup.errors import invalid_parameter
from fakebackup.known_errors import POLICY_LOCKS_OUT, POLICY_PRINCIPAL, POLICY_SHARES
from fakebackup.model.shapes.json_text import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fakebackup.model.vaults.vault import Vault

    Statement = Mapping[str, Any]

_VERSIONS = ("2012-10-17", "2008-10-17")
_POLICY = frozenset({"Version", "Id", "Statement"})
_EITHER = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))
_STATEMENT = frozenset({"Sid", "Effect", "Condition", *(each for two in _EITHER for each in two)})

_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:.+")
_AWS_PRINCIPAL = re.compile(
    r"\*|\d{12}"
    r"|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/[^*?]+)"
    r"|arn:aws[a-z-]*:sts::\d{12}:(assumed-role|federated-user)/[^*?]+"
)
_PRINCIPALS: Mapping[str, re.Pattern[str]] = {
    "AWS": _AWS_PRINCIPAL,
    "Service": re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+"),
    "Federated": re.compile(r"[^*?\s]+"),
    "CanonicalUser": re.compile(r"[0-9a-f]{64}"),
}
"""The kinds of principals, and the form that each has [documented: IAM's reference]."""

_PUT = "backup:PutBackupVaultAccessPolicy"
_COPY_INTO = "backup:CopyIntoBackupVault"
_EVERYBODY = "*"


def check_document(name: str, text: str) -> list[Statement]:
    """Return the statements of a policy, which are as IAM's grammar has them.

    Args:
        name: the parameter that holds it.
        text: the policy, which is to be JSON.

    Raises:
        AwsError: InvalidParameterValueException [assumed].
    """
    try:
        policy = parse_json(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise invalid_parameter(f"{name} is not a JSON policy document")
    statements = policy.get("Statement")
    listed: list[Any] = statements if isinstance(statements, list) else [statements]
    faults = itertools.chain(_faults(policy), *map(_faults_of_one, listed))
    wrong = next(faults, None)
    if wrong is not None:
        raise invalid_parameter(f"{name} is not a policy document: {wrong}")
    return listed


def check(text: str, vault: Vault) -> None:
    """Refuse an access policy that AWS Backup does not take for a vault.

    Args:
        text: the policy.
        vault: the vault that is to have it.

    Raises:
        AwsError: InvalidParameterValueException; AccessDeniedException for one that would share
            the vault.
    """
    statements = check_document("Policy", text)
    for statement in statements:
        if not _has_principal(statement):
            raise POLICY_PRINCIPAL.error()
    for statement in statements:
        actions = [each for element in _EITHER[1] for each in texts(statement, element)]
        wild = next((each for each in actions if set(each) & set("*?")), None)
        if wild is not None:
            # Documented of Action, assumed of NotAction; the text is ours.
            raise invalid_parameter(f"Policy has the action {wild!r}: no wildcards are allowed")
    if any(_locks_out(statement, vault) for statement in statements):
        raise POLICY_LOCKS_OUT.error(vault.name)
    if any(_shares(statement, vault) for statement in statements):
        raise POLICY_SHARES.error()


def denies(vault: Vault, action: str, resource: str) -> bool:
    """Return whether a vault's policy denies everybody of its account an action on a resource.

    Args:
        vault: the vault.
        action: as policies name it, as in `backup:DeleteBackupVault`.
        resource: the ARN of the vault, or of a recovery point in it.
    """
    if vault.policy is None:
        return False
    statements = check_document("Policy", vault.policy)
    return any(_denies(statement, vault, action, resource) for statement in statements)


# --- What a document may be ---------------------------------------------------------------


def _faults(policy: Mapping[str, Any]) -> Iterator[str]:
    """Return what is wrong with a document apart from its statements."""
    yield from (f"it has no element {each!r}" for each in sorted(policy.keys() - _POLICY))
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield f"Version is one of {', '.join(_VERSIONS)}"
    if "Statement" not in policy:
        yield "it has no Statement"


def _faults_of_one(statement: object) -> Iterator[str]:
    """Return what is wrong with a statement, but for its principals."""
    if not isinstance(statement, dict):
        yield "a Statement is an object"
        return
    strange = sorted(statement.keys() - _STATEMENT)
    yield from (f"a Statement has no element {each!r}" for each in strange)
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect is Allow or Deny"
    for one, other in _EITHER:
        if one in statement and other in statement:
            yield f"a Statement has either {one} or {other}"
    for names, form in ((_EITHER[1], _ACTION), (_EITHER[2], _RESOURCE)):
        named = [name for name in names if name in statement]
        if not named:
            yield f"a Statement has {' or '.join(names)}"
        elif not _aretexts(statement[named[0]], form):
            yield f"{named[0]} {statement[named[0]]!r} is not valid"
    condition = statement.get("Condition", {})
    if not (isinstance(condition, dict) and all(isinstance(e, dict) for e in condition.values())):
        yield "Condition is an object of objects, one for each operator"
    if not isinstance(statement.get("Sid", ""), str):
        yield "Sid is a text"


def _aretexts(value: object, form: re.Pattern[str]) -> bool:
    """Return whether a value is a text of a form, or a list of such."""
    listed = value if isinstance(value, list) else [value]
    return bool(listed) and all(isinstance(each, str) and form.fullmatch(each) for each in listed)


def _has_principal(statement: Statement) -> bool:
    """Return whether a statement has a principal, each of a form that one may have."""
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if not isinstance(principal, dict):
        return bool(principal == _EVERYBODY)
    return bool(principal) and all(
        kind in _PRINCIPALS and _aretexts(value, _PRINCIPALS[kind])
        for kind, value in principal.items()
    )


# --- Whom a statement means ---------------------------------------------------------------


def texts(statement: Statement, element: str) -> list[str]:
    """Return the texts of an element of a statement, which is one or a list; [] without it."""
    value = statement.get(element, [])
    return value if isinstance(value, list) else [value]


def _accounts(statement: Statement) -> list[str]:
    """Return the accounts that a statement's Principal names; `*` is all of them."""
    principal = statement.get("Principal", {})
    named = [principal] if isinstance(principal, str) else texts(principal, "AWS")
    return [each.split(":")[4] if each.startswith("arn:") else each for each in named]


def _is_everybody(statement: Statement, vault: Vault) -> bool:
    """Return whether a statement means every principal of the vault's account."""
    principal = statement.get("Principal", {})
    named = [principal] if isinstance(principal, str) else texts(principal, "AWS")
    whole = {_EVERYBODY, vault.account}
    return any(
        each in whole or (each.endswith(":root") and each.split(":")[4] in whole) for each in named
    )


def _covers(statement: Statement, elements: tuple[str, str], text: str) -> bool:
    """Return whether a statement is about an action or a resource, as it names those or others."""
    one, other = elements
    if other in statement:
        return not _any_like(texts(statement, other), text)
    return _any_like(texts(statement, one), text)


def _any_like(patterns: list[str], text: str) -> bool:
    # Names of actions are compared whatever their case [documented: IAM's reference].
    return any(
        fnmatch.fnmatchcase(text.lower(), each.lower().replace("[", "[[]")) for each in patterns
    )


def _locks_out(statement: Statement, vault: Vault) -> bool:
    """Return whether nobody of the vault's account could put a policy any more."""
    return _denies(statement, vault, _PUT, vault.arn)


def _denies(statement: Statement, vault: Vault, action: str, resource: str) -> bool:
    """Return whether a statement denies everybody of the vault's account an action."""
    return (
        statement["Effect"] == "Deny"
        and not statement.get("Condition")
        and _is_everybody(statement, vault)
        and _covers(statement, _EITHER[1], action)
        and _covers(statement, _EITHER[2], resource)
    )


def _shares(statement: Statement, vault: Vault) -> bool:
    """Return whether a statement lets other accounts do more than copy into the vault.

    That alone can be granted to them [documented: guide]; a condition may keep everybody else
    out [assumed].
    """
    if statement["Effect"] != "Allow" or statement.get("Condition"):
        return False
    others = any(each != vault.account for each in _accounts(statement))
    copies = all(each.lower() == _COPY_INTO.lower() for each in texts(statement, "Action"))
    only_copies = copies and "Action" in statement
    return ("NotPrincipal" in statement or others) and not only_copies
