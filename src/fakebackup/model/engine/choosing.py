"""Find the resources that a backup plan's run backs up, and warn of those that it cannot.

They are the selected ones of the resources that tests seed and of those whose whole ARN a selection
has. Two selections of the same resource start one job, with the role of the older one [assumed].
A run skips resources of types that the account has opted out of, unless a selection names the
type; resources that restore tests made; those of another account or Region; and those of types
that AWS Backup does not know (the guide `aws`, Plans, selections and schedules).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup import errors
from fakebackup.model.plans import documents, selections
from fakebackup.model.plans.documents import SELECTION
from fakebackup.model.resources.types import type_of
from fakebackup.model.resources.values import OF_ORGANIZATIONS
from fakebackup.model.stores.entries import ONLY, REGION_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.entries import Entry
    from fakebackup.model.stores.organization import Store


class Choice(NamedTuple):
    """The resources that the selections of a plan select.

    Attributes:
        roles: per ARN of a resource to back up, the role to back it up.
        in_vain: per ARN of one that cannot be backed up, the reason and the selection's name.
        opted_out: per ARN of one that the account has opted out of, its type.
        matched: whether anything matched a selection, backed up or not.
    """

    roles: dict[str, str]
    in_vain: dict[str, tuple[str, str]]
    opted_out: dict[str, str]
    matched: bool


def choose(store: Store, plan: Entry) -> Choice:
    """Return the resources that the selections of a plan select."""
    roles: dict[str, str] = {}
    in_vain: dict[str, tuple[str, str]] = {}
    passed_over: dict[str, str] = {}
    matched = False
    out = opted_out(_deciding(store, plan))
    resources = store.all_resources()
    for given in _selections(store, plan):
        whole = [arn for arn in given.get("Resources", ()) if "*" not in arn]
        known = {**resources, **{arn: {} for arn in whole if arn not in resources}}
        for arn, explicit in selections.selected(given, known).items():
            matched = True
            why = _unusable(arn, known[arn], store.home, named=arn in whole)
            if why:
                in_vain.setdefault(arn, (why, given["SelectionName"]))
            elif why is None and not explicit and (resource_type := type_of(arn)) in out:
                passed_over[arn] = str(resource_type)
            elif why is None:
                roles.setdefault(arn, given["IamRoleArn"])
    return Choice(roles, in_vain, passed_over, matched)


def _selections(store: Store, plan: Entry) -> list[Mapping[str, Any]]:
    """Return the selections of a plan, as the client gave them."""
    entries = store.entries(SELECTION).values()
    return [
        each.members["BackupSelection"]
        for each in entries
        # One that was loaded from a list alone does not say what it selects.
        if each.members["BackupPlanId"] == plan.key and "BackupSelection" in each.members
    ]


def _unusable(arn: str, tags: Mapping[str, str], home: Home, *, named: bool) -> str | None:
    """Return the reason why a plan cannot back up a resource; None where it can.

    The reason is empty where the user need not know it: for a resource of a restore test, unless
    a selection has its whole ARN.
    """
    if type_of(arn) is None:
        return "it is of no type of resource that AWS Backup is known to protect"
    region, account = arn.split(":", 5)[3:5]
    if region not in ("", home.region) or account not in ("", home.account):
        return (
            f"it lies in {account} {region}, and the plan in {home.account} {home.region}: a "
            f"plan's selections are of its own account and Region, so another plan is needed there"
        )
    if selections.is_of_restore_test(arn, tags):
        return "plans pass over what a restore test made" if named else ""
    return None


def _deciding(store: Store, plan: Entry) -> Store:
    """Return the store whose opt-ins count for a plan.

    For plans of AWS Organizations it is the management account's [documented: guide], the one
    with the lowest id if there are several [assumed].
    """
    managers = store.options.management_accounts
    if plan.key.startswith(OF_ORGANIZATIONS) and managers:
        return store.organization.store(min(managers), store.region)
    return store


def opted_out(store: Store) -> frozenset[str]:
    """Return the resource types that an account has opted out of in a Region."""
    settings = store.entries(REGION_SETTINGS).get(ONLY)
    preferences = (
        settings.members.get("ResourceTypeOptInPreference", {}) if settings is not None else {}
    )
    return frozenset(name for name, opted in preferences.items() if not opted)


def warn(store: Store, plan: Entry, choice: Choice) -> None:
    """Warn of the resources that a plan selects in vain, once for each plan and ARN.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next run does not warn.
    """
    for arn, (why, selection) in choice.in_vain.items():
        if (plan.key, arn) in store.warned:
            continue
        store.warned.add((plan.key, arn))
        errors.warn(
            f"The selection {selection!r} of backup plan {_name(plan)!r} names {arn}, but the "
            f"plan does not back it up: {why}. Take the ARN out of the selection, or correct it, "
            f"if that is not meant; this is said once."
        )


def warn_of_nothing(store: Store, plan: Entry, choice: Choice, *, by_hand: bool) -> None:
    """Warn of a run for which nothing matches the plan's selections, once for each reason.

    What a restore test made does match, and what the account has opted out of has a reason of its
    own.

    Args:
        store: the store that the plan lies in.
        plan: the entry of the plan.
        choice: what `choose` returned.
        by_hand: whether the test runs the plan: by the clock one without selections is idle.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next run does not warn.
    """
    given = _selections(store, plan)
    out = {} if choice.roles else choice.opted_out
    if (choice.matched and not out) or not (given or by_hand):
        return
    if out:
        why = _passed_over(_deciding(store, plan), out)
    elif given:
        asked = errors.few(
            f"the selection {each['SelectionName']!r} asks for {selections.described(each)}"
            for each in given
        )
        why = f"{'; '.join(asked)}. {_known(store)}. {_way_out(store, given[0])}"
    else:
        why = "it has no selection. Make one by create_backup_selection or add_backup_selection"
    text = f"A run of the backup plan {_name(plan)!r} selects nothing: {why}."
    if (plan.key, text) not in store.warned:
        store.warned.add((plan.key, text))
        errors.warn(text)


def _name(plan: Entry) -> str:
    return str(documents.of(plan.members)["BackupPlanName"])


def _passed_over(deciding: Store, out: Mapping[str, str]) -> str:
    """Return that an account has opted out of all that matched, and what to do."""
    types = sorted(set(out.values()))
    account, region = deciding.home
    opted_in = f"{{{', '.join(f'{each!r}: True' for each in types)}}}"
    return (
        f"{account} has opted out of {', '.join(types)} in {region}, so that the run passes "
        f"over {', '.join(errors.few(out))}. Opt in by client.update_region_settings("
        f"ResourceTypeOptInPreference={opted_in}), or give whole ARNs in the selection's "
        f"Resources, for which the opt-ins do not count"
    )


def _known(store: Store) -> str:
    """Return a sentence about the resources that there are, here or, of tests' own, elsewhere."""
    where = f"{store.account} {store.region}"
    resources = store.all_resources()
    if resources:
        known = errors.few(
            f"{arn} ({', '.join(f'{key}={value}' for key, value in tags.items()) or 'no tags'})"
            for arn, tags in resources.items()
        )
        return f"The fake knows these resources in {where}: {'; '.join(known)}"
    elsewhere = errors.few(
        f"{home.account} {home.region}"
        for home, each in sorted(store.organization.stores.items())
        for _ in each.resources
    )
    but = f", only in {', '.join(elsewhere)}" if elsewhere else ""
    return f"The fake knows no resource in {where}{but}"


def _way_out(store: Store, given: Mapping[str, Any]) -> str:
    """Return what to do so that a selection selects something."""
    tags = selections.tags_asked_for(given)
    typed = f"backup.add_resource(arn{f', tags={tags}' if tags else ''})"
    if store.organization.neighbour is None:
        return f"Add what it is to select: {typed}"
    return (
        f"Make what it is to select in the mock beside AWS Backup, in this account and Region and "
        f"with the tags that it asks for; or add it to the fake alone: {typed}"
    )
