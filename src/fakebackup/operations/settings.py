"""The resource types that AWS Backup supports, and its global and regional settings.

Settings are kept and shown. Plans heed the opt-ins. AWS "does not try to protect" what an account
has opted out of [documented: model], but what StartBackupJob answers then is not known: it starts
a job all the same, unless the option `refuse_opted_out` is on [assumed].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakebackup import clock
from fakebackup.errors import invalid_parameter, invalid_request, missing_parameter
from fakebackup.known_errors import NO_ORGANIZATION, UNKNOWN_TYPE_SETTING
from fakebackup.model.events import others as events
from fakebackup.model.resources.types import RESOURCE_TYPES
from fakebackup.model.stores.entries import ONLY, REGION_SETTINGS, Entry
from fakebackup.operations import operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.answering.caller import Caller

    Asked = Mapping[str, Any]
    Answer = Mapping[str, Any]
    Settings = dict[str, Entry]


@operation("GetSupportedResourceTypes")
def get_supported_resource_types(_caller: Caller, _asked: Asked) -> Answer:
    """List the resource types that AWS Backup supports, in every Region alike [assumed]."""
    return {"ResourceTypes": list(RESOURCE_TYPES)}


def _kept(settings: Settings, defaults: Answer) -> Answer:
    """Return settings, or the defaults before the first update."""
    found = settings.get(ONLY)
    return defaults if found is None else found.members


def _keep(settings: Settings, members: Answer) -> None:
    settings[ONLY] = Entry(ONLY, "", 0, members)


# --- Of the organisation ------------------------------------------------------------------

GLOBAL_SETTINGS = ("isCrossAccountBackupEnabled", "isDelegatedAdministratorEnabled", "isMpaEnabled")
"""The settings of an organisation [documented: model]; all are off at first [assumed]."""

_GLOBAL = {"GlobalSettings": dict.fromkeys(GLOBAL_SETTINGS, "false")}


@operation("DescribeGlobalSettings")
def describe_global_settings(caller: Caller, _asked: Asked) -> Answer:
    """Describe the organisation's settings, the same in every account and Region of it.

    They have no LastUpdateTime before the first update [assumed].
    """
    _check_organization(caller)
    return _kept(_global(caller), _GLOBAL)


@operation("UpdateGlobalSettings")
def update_global_settings(caller: Caller, asked: Asked) -> Answer:
    """Update the organisation's settings that are given, from a management account only."""
    given = asked.get("GlobalSettings")
    if not given:
        raise missing_parameter("GlobalSettings is missing")
    for name, value in given.items():
        if name not in GLOBAL_SETTINGS:
            raise invalid_parameter(
                f"GlobalSettings {name!r} is none: {', '.join(GLOBAL_SETTINGS)}"
            )
        if value not in ("true", "false"):
            raise invalid_parameter(f"{name} {value!r} is neither 'true' nor 'false'")
    _check_organization(caller)
    if not caller.organization.manages(caller.account):
        raise invalid_request("Your account is not the management account of an organization.")
    settings = _global(caller)
    changed = {**_kept(settings, _GLOBAL).get("GlobalSettings", {}), **given}
    _keep(settings, {"GlobalSettings": changed, "LastUpdateTime": clock.now()})
    return {}


def _global(caller: Caller) -> Settings:
    return caller.organization.settings


def _check_organization(caller: Caller) -> None:
    """Refuse a call where the option `management_account` is None: without an organisation.

    Raises:
        AwsError: InvalidRequestException.
    """
    if not caller.options.management_accounts:
        raise NO_ORGANIZATION.error()


# --- Of an account in a Region ------------------------------------------------------------

OPT_IN, MANAGEMENT = "ResourceTypeOptInPreference", "ResourceTypeManagementPreference"
INCREMENTAL = "ResourceTypeOptInIncremental"

_REGION: Mapping[str, Mapping[str, bool]] = {
    OPT_IN: dict.fromkeys(sorted(RESOURCE_TYPES), True),
    MANAGEMENT: dict.fromkeys(("CloudFormation", "DSQL", "DynamoDB", "EFS"), True),
    INCREMENTAL: {"DynamoDB": False},
}
"""The settings of an account in a Region; at first all but incremental backups are on [assumed].

Only DynamoDB and EFS are shown in AWS's example of management [documented: guide].
"""

_IN_WORDS = {OPT_IN: "opt in", MANAGEMENT: "management", INCREMENTAL: "incremental opt in"}


@operation("DescribeRegionSettings")
def describe_region_settings(caller: Caller, _asked: Asked) -> Answer:
    """Describe the resource types that the account has opted in to, and has fully managed."""
    return _kept(caller.store.entries(REGION_SETTINGS), _REGION)


@operation("UpdateRegionSettings")
def update_region_settings(caller: Caller, asked: Asked) -> Answer:
    """Update the account's settings in the Region that are given.

    An event has the resource types whose opt-in has changed; without any, or where only other
    settings change, no event is emitted [assumed: the one example].
    """
    given = {name: asked[name] for name in _REGION if asked.get(name)}
    if not given:
        raise missing_parameter(f"{', '.join(_REGION)} are missing")
    for name, preferences in given.items():
        if not preferences.keys() <= _REGION[name].keys():
            raise UNKNOWN_TYPE_SETTING.error(_IN_WORDS[name])
    settings = caller.store.entries(REGION_SETTINGS)
    before = _kept(settings, _REGION)
    _keep(
        settings,
        {**before, **{name: {**before.get(name, {}), **each} for name, each in given.items()}},
    )
    changed = {
        resource_type: opted_in
        for resource_type, opted_in in given.get(OPT_IN, {}).items()
        if opted_in != before.get(OPT_IN, {}).get(resource_type)
    }
    if changed:
        now = clock.now()
        caller.store.emit(events.region_settings(changed, now), now)
    return {}
