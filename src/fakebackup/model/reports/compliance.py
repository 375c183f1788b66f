"""The rows of compliance reports: what `controls` finds for the controls of frameworks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.model.reports import controls
from fakebackup.model.shapes import dates
from fakebackup.model.stores.entries import FRAMEWORK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.model.reports.controls import Subject
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Store

    Members = Mapping[str, Any]

_FREQUENCY = "Twelve_Hours"

NOT_EVALUATED, INSUFFICIENT_DATA = "NOT_EVALUATED", "INSUFFICIENT_DATA"
"""The statuses of a control that the fake does not evaluate, which is the fake's own word, and of
one to which nothing is subject, which is AWS Config's [assumed]."""


class Finding(NamedTuple):
    """What was found for one control of a framework.

    Attributes:
        home: the account and the Region.
        framework: the members of the framework.
        control: the control.
        at: when it was evaluated, in milliseconds.
        subjects: whether each subject complies; None where the control is not evaluated.
    """

    home: Home
    framework: Members
    control: Members
    at: int
    subjects: dict[Subject, bool] | None


def take(store: Store, setting: Members, at: int) -> list[Finding]:
    """Evaluate the controls of the frameworks that a report covers, in an account and Region.

    Args:
        store: the account and the Region.
        setting: the ReportSetting. Without FrameworkArns it covers all frameworks [assumed].
        at: when they are evaluated, in milliseconds.
    """
    arns = setting.get("FrameworkArns")
    return [
        Finding(store.home, each.members, control, at, controls.evaluate(store, control, at))
        for each in store.entries(FRAMEWORK).values()
        if not arns or each.arn in arns
        # Of a framework that was loaded from a list alone they are not known.
        for control in each.members.get("FrameworkControls", ())
    ]


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "CONTROL_COMPLIANCE_REPORT": (
        "accountId",
        "region",
        "frameworkName",
        "frameworkDescription",
        "controlName",
        "controlComplianceStatus",
        "lastEvaluationTime",
        "numResourcesCompliant",
        "numResourcesNonCompliant",
        "controlFrequency",
        "controlScope",
        "controlParameters",
    ),
    "RESOURCE_COMPLIANCE_REPORT": (
        "accountId",
        "region",
        "frameworkName",
        "frameworkDescription",
        "controlName",
        "resourceId",
        "resourceType",
        "resourceComplianceStatus",
        "lastEvaluationTime",
    ),
}
"""The columns of each template, in the order of AWS's samples [documented: guide]."""


def rows(template: str, findings: list[Finding]) -> list[dict[str, Any]]:
    """Return the rows of a compliance report, by column."""
    of = _of_control if template == "CONTROL_COMPLIANCE_REPORT" else _of_resources
    names = COLUMNS[template]
    return [{name: values[name] for name in names} for each in findings for values in of(each)]


def _head(finding: Finding) -> dict[str, Any]:
    return {
        "accountId": finding.home.account,
        "region": finding.home.region,
        "frameworkName": finding.framework["FrameworkName"],
        "frameworkDescription": finding.framework.get("FrameworkDescription", ""),
        "controlName": finding.control["ControlName"],
        "lastEvaluationTime": dates.with_fraction(finding.at),
    }


def _status(*, complies: bool) -> str:
    return "COMPLIANT" if complies else "NON_COMPLIANT"


def _of_control(finding: Finding) -> list[dict[str, Any]]:
    subjects, control = finding.subjects, finding.control
    if subjects is None:
        status = NOT_EVALUATED
    elif not subjects:
        status = INSUFFICIENT_DATA
    else:
        status = _status(complies=all(subjects.values()))
    good = sum((subjects or {}).values())
    return [
        {
            **_head(finding),
            "controlComplianceStatus": status,
            "numResourcesCompliant": good,
            "numResourcesNonCompliant": len(subjects or {}) - good,
            "controlFrequency": _FREQUENCY,
            "controlScope": _text(control.get("ControlScope", {})),
            "controlParameters": _text(controls.parameters_of(control)),
        }
    ]


def _of_resources(finding: Finding) -> list[dict[str, Any]]:
    head = _head(finding)
    if finding.subjects is None:
        # So that nobody takes its silence for compliance.
        return [
            {
                **head,
                "resourceId": None,
                "resourceType": None,
                "resourceComplianceStatus": NOT_EVALUATED,
            }
        ]
    return [
        {
            **head,
            "resourceId": f"{subject.config_type}/{subject.name}",
            "resourceType": subject.config_type,
            "resourceComplianceStatus": _status(complies=complies),
        }
        for subject, complies in finding.subjects.items()
    ]


def _text(value: Members) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)
