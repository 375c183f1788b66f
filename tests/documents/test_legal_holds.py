"""Recorded legal holds, and the recovery points that were listed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.answers_from_model import POINT
from support.client import call
from support.constants import ACCOUNT, NOW, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup

pytestmark = [
    pytest.mark.frozen(NOW),
    pytest.mark.fake_backup(region=REGION, account_id=ACCOUNT, history=None),
]

HOLD = {"LegalHoldId": "hold", "Title": "Case"}
POINTS: Any = {"RecoveryPoints": [{"RecoveryPointArn": POINT}]}
OF_HOLD: Any = {
    "operation": "ListRecoveryPointsByLegalHold",
    "parameters": {"LegalHoldId": "hold"},
}


@pytest.mark.parametrize(
    ("status", "held"),
    [
        ({"Status": "CREATING"}, [POINT]),
        ({"Status": "ACTIVE"}, [POINT]),
        ({}, [POINT]),
        ({"Status": "CANCELING"}, []),
        ({"Status": "CANCELED"}, []),
    ],
)
def test_its_status_says_whether_it_holds(
    backup: FakeBackup, status: Any, held: list[str]
) -> None:
    """A seeded one, and a loaded one whose recovery points were listed."""
    backup.load({"LegalHolds": [{**HOLD, **status}]})
    backup.load(POINTS, **OF_HOLD)
    seeded = backup.add_legal_hold(**status, **POINTS)
    for key in ("hold", seeded.key):
        listed = call("ListRecoveryPointsByLegalHold", LegalHoldId=key)["RecoveryPoints"]
        assert [each["RecoveryPointArn"] for each in listed] == held
