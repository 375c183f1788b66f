"""Replacing what is private in a recording, along the shapes of botocore's model.

What is not known to be AWS's own word is replaced: a member that a later botocore has cannot leak.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from fakebackup.recording.pseudonyms import SERVICE_HOST, Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import ServiceModel

# --- What members hold --------------------------------------------------------------------

_SCHEDULES = "schedules"
_STATES = "states and types"
_REGIONS = "Regions"
_FIGURES = "sizes and other figures"
_DATES = "dates"
_KEYS = "names of settings, controls and their parameters"

KEPT = {
    "BackupRuleCron": _SCHEDULES,
    "BackupRuleTimezone": _SCHEDULES,
    "BackupType": _STATES,
    "ComplianceResourceTypes": _STATES,
    "ControlName": _KEYS,
    "DeploymentStatus": _STATES,
    "DestinationVaultLockState": _STATES,
    "DestinationVaultType": _STATES,
    "Formats": _STATES,
    "FrameworkStatus": _STATES,
    "MessageCategory": _STATES,
    "ParameterName": _KEYS,
    "PercentDone": _FIGURES,
    "ProtectedResourceType": _STATES,
    "Regions": _REGIONS,
    "ReportTemplate": _STATES,
    "ResourceType": _STATES,
    "ResourceTypes": _STATES,
    "ScheduleExpression": _SCHEDULES,
    "ScheduleExpressionTimezone": _SCHEDULES,
    "Status": _STATES,
    "VaultLockState": _STATES,
    "VaultType": _STATES,
}
"""The members whose texts are AWS's own words, each with what they are."""

NAMED = {
    "AccountId": "account",
    "Accounts": "account",
    "BackupJobId": "id",
    "BackupPlanId": "id",
    "BackupPlanName": "plan",
    "BackupPlanVersion": "version",
    "BackupRuleId": "id",
    "BackupRuleName": "rule",
    "BackupVaultName": "vault",
    "CopyJobId": "id",
    "CreatedByBackupJobId": "id",
    "CreatorRequestId": "request",
    "FrameworkName": "framework",
    "IdempotencyToken": "request",
    "LegalHoldId": "id",
    "Name": "access-point",
    "OrganizationUnits": "unit",
    "ParentJobId": "id",
    "ReportJobId": "id",
    "ReportPlanName": "report_plan",
    "RestoreJobId": "id",
    "RestoreTestingPlanName": "restore_testing_plan",
    "RestoreTestingSelectionName": "restore_testing_selection",
    "RuleId": "id",
    "RuleName": "rule",
    "ScanId": "id",
    "ScanJobId": "id",
    "SelectionId": "id",
    "SelectionName": "selection",
    "TargetBackupVaultName": "vault",
    "TieringConfigurationName": "tiering_configuration",
    "Title": "title",
    "VaultNames": "vault",
    "VersionId": "version",
}
"""The members that name or identify something, each with the kind of what it names."""

_FREE = re.compile(r".*(Message|Description)")
_TAG_MAPS = frozenset({"RecoveryPointTags", "Tags"})
_SETTINGS = frozenset(
    {
        "AccessPointMetadata",
        "BackupOptions",
        "GlobalSettings",
        "Metadata",
        "ResourceTypeManagementPreference",
        "ResourceTypeOptInIncremental",
        "ResourceTypeOptInPreference",
        "RestoreMetadataOverrides",
    }
)
"""The maps whose keys are AWS's own words."""

# Keys of conditions have no case.
_TAG_KEY = re.compile(r"((?i:[a-z0-9-]+:(?:Principal|Request|Resource)Tag/))(.+)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
# Of settings and options: what AWS's own values look like.
_PLAIN = re.compile(
    r"(?i:true|false|enabled|disabled|on|off|none|yes|no|hours|days|weeks|months|years)"
    r"|-?\d{1,9}(\.\d{1,3})?"
)
_EVERYWHERE = frozenset({"", "*", "ROOT"})


# --- The walk -----------------------------------------------------------------------------


class Anonymised:
    """A recording without what is private in it.

    Attributes:
        document: the document, of the same form.
        pseudonyms: what stands for what, and what was left.
    """

    def __init__(self, document: Mapping[str, Any], model: ServiceModel) -> None:
        self.pseudonyms = Pseudonyms(frozenset(_texts(document)))
        self._model = model
        self._by_member = {
            "ConditionKey": self._tag_key,
            "ConditionValue": self._tag_value,
            "Key": self._tag_key,
            "ParameterValue": self._setting,
            "Policy": self._policy,
            "S3KeyPrefix": self._path,
            "S3Keys": self._path,
            "Value": self._tag_value,
        }
        self.document = {
            **document,
            "answers": [self._entry(each) for each in document["answers"]],
            "refused": [self._entry(each) for each in document["refused"]],
        }

    def _entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        operation = self._model.operation_model(entry["operation"])
        self.pseudonyms.kept[_REGIONS] += 1
        made = {
            **entry,
            "account_id": self.pseudonyms.account(entry["account_id"]),
            "parameters": self._value("", operation.input_shape, entry["parameters"]),
        }
        if "answer" in entry:
            made["answer"] = self._value("", operation.output_shape, entry["answer"])
        else:
            made["message"] = self.pseudonyms.whole("message", entry["message"])
        return made

    def _value(self, member: str, shape: Any, value: Any) -> Any:
        if isinstance(value, dict):
            return self._members(member, shape, value)
        if isinstance(value, list):
            return [self._value(member, shape.member, each) for each in value]
        if not isinstance(value, str):
            return self._keep(_FIGURES, value)
        if shape.type_name == "timestamp":
            return self._keep(_DATES, value)
        return self._keep(_STATES, value) if _enum(shape) else self.text(member, value)

    def _members(self, member: str, shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
        if shape is None:
            return {}
        if shape.type_name == "structure":
            return {
                name: self._value(name, shape.members[name], each) for name, each in value.items()
            }
        return self._map(member, shape, value)

    def _keep(self, kind: str, value: Any) -> Any:
        self.pseudonyms.kept[kind] += 1
        return value

    def _map(self, member: str, shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
        if member in _TAG_MAPS:
            return {self._tag_key(key): self._tag_value(each) for key, each in value.items()}
        if member not in _SETTINGS and not _enum(shape.key):
            return {
                self.pseudonyms.name("tag", key): self.text("", each) for key, each in value.items()
            }
        self.pseudonyms.kept[_KEYS] += 1
        return {
            key: self._setting(each)
            if isinstance(each, str)
            else self._value(key, shape.value, each)
            for key, each in value.items()
        }

    def text(self, member: str, text: str) -> str:
        """Return what stands for the text of a member; AWS's own words stay."""
        if text in _EVERYWHERE:
            return text
        if member in KEPT:
            return str(self._keep(KEPT[member], text))
        if member in self._by_member:
            return self._by_member[member](text)
        if found := _FREE.fullmatch(member):
            # Not looked into: they say anything.
            return self.pseudonyms.whole(found[1].lower(), text)
        return self.pseudonyms.name(NAMED.get(member, "resource"), text)

    def _tag_key(self, key: str) -> str:
        if found := _TAG_KEY.fullmatch(key):
            return found[1] + self._tag_key(found[2])
        if key.startswith("aws:"):
            return str(self._keep("keys of AWS's own tags", key))
        return self.pseudonyms.name("tag", key)

    def _tag_value(self, value: str) -> str:
        return self.pseudonyms.name("tag-value", value)

    def _setting(self, value: str) -> str:
        """Return what stands for a value of a setting, an option or a control's parameter."""
        if value in _EVERYWHERE or _PLAIN.fullmatch(value):
            return str(self._keep("plain values of settings", value))
        if _DATE.fullmatch(value):
            return str(self._keep(_DATES, value))
        return value if self.pseudonyms.region(value) else self.pseudonyms.name("value", value)

    def _path(self, text: str) -> str:
        return "/".join(
            part if self.pseudonyms.region(part) else self.pseudonyms.name("path", part)
            for part in text.split("/")
        )

    # --- Policies -------------------------------------------------------------------------

    def _policy(self, text: str) -> str:
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            return self.pseudonyms.whole("policy", text)
        return json.dumps(self._clause("", document))

    def _clause(self, key: str, value: Any) -> Any:
        """Return what stands for an element of a policy."""
        if isinstance(value, list):
            return [self._clause(key, each) for each in value]
        if isinstance(value, dict):
            # Null compares no values of tags: "true" and "false" say whether there is one.
            return {
                self._element(key, name): self._clause(key if key == "Null" else name, each)
                for name, each in value.items()
            }
        return self._word(key, value) if isinstance(value, str) else value

    def _element(self, above: str, name: str) -> str:
        """Return what stands for the name of an element, a condition or its key."""
        if name in _ELEMENTS or _OPERATOR.fullmatch(name) or _CONTEXT.fullmatch(name):
            return str(self._keep(_POLICIES, name))
        return (
            self._tag_key(name)
            if _OPERATOR.fullmatch(above)
            else self.pseudonyms.name("value", name)
        )

    def _word(self, key: str, text: str) -> str:
        # First: a tag's value may look like any other word.
        if _TAG_KEY.fullmatch(key):
            return self._tag_value(text)
        if any(each.fullmatch(text) for each in (_POLICY_WORD, _WORDS_OF.get(key)) if each):
            return str(self._keep(_POLICIES, text))
        return self.pseudonyms.name("Sid" if key == "Sid" else "value", text)


_POLICIES = "elements and actions of policies"
_ELEMENTS = frozenset(
    {
        "AWS", "Action", "CanonicalUser", "Condition", "Effect", "Federated", "Id", "NotAction",
        "NotPrincipal", "NotResource", "Principal", "Resource", "Service", "Sid", "Statement",
        "Version",
    }
)  # fmt: skip
_OPERATOR = re.compile(
    r"(ForAllValues:|ForAnyValue:)?"
    r"(Arn|Binary|Bool|Date|IpAddress|NotIpAddress|Null|Numeric|String)"
    r"(Not)?(Equals|Like|IgnoreCase|LessThan|GreaterThan|EqualsIgnoreCase|LessThanEquals"
    r"|GreaterThanEquals)?(IfExists)?"
)
_CONTEXT = re.compile(r"(aws|backup|kms|s3|sts):[A-Z]\w+", re.ASCII)
_POLICY_WORD = re.compile(r"\*|Allow|Deny|true|false|20\d\d-\d\d-\d\d(T[\d:.]+Z)?")
_ACTION = re.compile(r"[a-z0-9-]+:(\*|[A-Z][A-Za-z]+\*?)")
_WORDS_OF = {"Action": _ACTION, "NotAction": _ACTION, "Service": SERVICE_HOST}
"""By the element of a policy, what AWS's own words are that stand under it alone."""


def _enum(shape: Any) -> bool:
    return bool(getattr(shape, "enum", None))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a document, and every part of one that may stand for itself."""
    if isinstance(value, str):
        yield value
        yield from re.split("[:/]", value)
        yield from re.findall(r"[\w-]+", value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(key)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
