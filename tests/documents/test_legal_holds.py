"""Recorded legal holds, and the recovery points that were listed for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from support.answers_from_model import POINT
from support.client import call
from support.constants import ACCOUNT, NOW, OTHER_ACCOUNT, OTHER_REGION, REGION

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
def test_its_status_says_whether_it_holds(backup: FakeBackup, status: Any, held: list[str]) -> None:
    """A seeded one, and a loaded one whose recovery points were listed."""
    backup.load({"LegalHolds": [{**HOLD, **status}]})
    backup.load(POINTS, **OF_HOLD)
    seeded = backup.add_legal_hold(**status, **POINTS)
    for key in ("hold", seeded.key):
        listed = call("ListRecoveryPointsByLegalHold", LegalHoldId=key)["RecoveryPoints"]
        assert [each["RecoveryPointArn"] for each in listed] == held


def test_points_of_a_hold_in_other_accounts(backup: FakeBackup) -> None:
    """Of several ones by that id, none of which lies here, it is said where they do."""
    homes = [(OTHER_ACCOUNT, REGION), (ACCOUNT, OTHER_REGION)]
    for account, region in homes:
        backup.at(account_id=account, region=region).load({"LegalHolds": [HOLD]})
    with pytest.raises(ValueError, match=re.escape("no legal hold of")) as caught:
        backup.load(POINTS, **OF_HOLD)
    first, second = sorted(homes)
    assert str(caught.value) == (
        f"RecoveryPoints[0]: 'hold' is no legal hold of account {ACCOUNT} in {REGION}; there is "
        f"one in account {first[0]} in {first[1]}, and in account {second[0]} in {second[1]}: to "
        f"load it there, type backup.at(account_id={first[0]!r}, region={first[1]!r}).load(...). "
        f"Load what GetLegalHold or ListLegalHolds answered for it, too."
    )
    place = backup.at(account_id=first[0], region=first[1])
    place.load(POINTS, **OF_HOLD)
    with backup.acting_as(first[0]):
        listed = call("ListRecoveryPointsByLegalHold", LegalHoldId="hold")["RecoveryPoints"]
    assert [each["RecoveryPointArn"] for each in listed] == [POINT]
