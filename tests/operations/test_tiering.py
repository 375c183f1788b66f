"""Tiering configurations, through a real client."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from support.botocore_model import declared, known
from support.client import call, pages, refused, tags_of
from support.constants import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION
from support.marks import each_transport

if TYPE_CHECKING:
    from fakebackup import FakeBackup


NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
BUCKET = "arn:aws:s3:::bucket"
SELECTION = {"Resources": ["*"], "TieringDownSettingsInDays": 60, "ResourceType": "S3"}
NARROW = {**SELECTION, "Resources": [BUCKET], "TieringDownSettingsInDays": 36500}


pytestmark = [
    pytest.mark.skipif(
        not known("CreateTieringConfiguration"),
        reason="this botocore knows no tiering configurations",
    ),
    pytest.mark.fake_backup(region=REGION),
]


@pytest.fixture(autouse=True)
def _vaults(backup: FakeBackup) -> None:
    """Two vaults."""
    for name in ("vault", "other"):
        backup.add_vault(BackupVaultName=name)


def body(vault: str = "vault", *selections: Any) -> dict[str, Any]:
    """What a configuration says."""
    return {"BackupVaultName": vault, "ResourceSelection": list(selections or [SELECTION])}


def create(name: str = "tiers", vault: str = "vault", **parameters: Any) -> Any:
    """Create a tiering configuration."""
    told = {"TieringConfigurationName": name, **body(vault)}
    return call("CreateTieringConfiguration", TieringConfiguration=told, **parameters)


def update(name: str = "tiers", **members: Any) -> Any:
    """Update a tiering configuration."""
    told = {**body(), **members}
    return call(
        "UpdateTieringConfiguration", TieringConfigurationName=name, TieringConfiguration=told
    )


def described(name: str = "tiers") -> Any:
    """A tiering configuration as it is described."""
    found = call("GetTieringConfiguration", TieringConfigurationName=name)
    return found["TieringConfiguration"]


def names(**parameters: Any) -> list[str]:
    """The names of the tiering configurations that are listed."""
    listed = call("ListTieringConfigurations", **parameters)["TieringConfigurations"]
    return [each["TieringConfigurationName"] for each in listed]


@each_transport
@freeze_time(NOW)
def test_round_trip(backup: FakeBackup) -> None:
    """Create, Get and List agree, before an update and after; nobody is told."""
    made = create(CreatorRequestId="request-1")
    arn = made["TieringConfigurationArn"]
    assert arn.startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:tiering-configuration:tiers-")
    assert made == {
        "TieringConfigurationArn": arn,
        "TieringConfigurationName": "tiers",
        "CreationTime": NOW,
    }
    assert described() == {**made, **body(), "CreatorRequestId": "request-1"}
    item = {**made, "BackupVaultName": "vault"}
    assert call("ListTieringConfigurations") == {"TieringConfigurations": [item]}
    later = {"LastUpdatedTime": NOW + timedelta(hours=1)}
    with freeze_time(later["LastUpdatedTime"]):
        told = body("*", SELECTION, NARROW)
        assert update(**told) == {**made, **later}
    assert described() == {**made, **told, **later, "CreatorRequestId": "request-1"}
    item = {**made, **later, "BackupVaultName": "*"}
    assert call("ListTieringConfigurations") == {"TieringConfigurations": [item]}
    assert call("DeleteTieringConfiguration", TieringConfigurationName="tiers") == {}
    assert names() == []
    assert backup.events == []


def test_tags(backup: FakeBackup) -> None:
    """A configuration has the tags that it was created with until it is deleted."""
    arn = create(TieringConfigurationTags={"a": "1"})["TieringConfigurationArn"]
    call("TagResource", ResourceArn=arn, Tags={"b": "2"})
    assert call("ListTags", ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
    call("DeleteTieringConfiguration", TieringConfigurationName="tiers")
    again = create()["TieringConfigurationArn"]
    assert again != arn
    assert call("ListTags", ResourceArn=again)["Tags"] == {}
    assert not tags_of(backup)


def test_a_request_id_makes_one_configuration(backup: FakeBackup) -> None:
    """The same request id again answers alike; another one is refused, naming the first."""
    first = create(CreatorRequestId="id-1")
    assert create(CreatorRequestId="id-1") == first
    error = refused(
        backup,
        "CreateTieringConfiguration",
        TieringConfiguration={"TieringConfigurationName": "tiers", **body("other")},
        CreatorRequestId="id-2",
    )
    assert error["Error"]["Code"] == "AlreadyExistsException"
    assert (error["Arn"], error["CreatorRequestId"]) == (first["TieringConfigurationArn"], "id-1")
    call("DeleteTieringConfiguration", TieringConfigurationName="tiers")
    again = create(CreatorRequestId="id-1")
    assert again["TieringConfigurationArn"] != first["TieringConfigurationArn"]


def test_one_for_each_vault_and_one_for_all(backup: FakeBackup) -> None:
    """A vault has one configuration of its own, and there is one for all vaults."""
    create("own")
    create("all", "*")
    create("second", "other")
    for vault in ("vault", "*"):
        told = {"TieringConfigurationName": "more", **body(vault)}
        error = refused(backup, "CreateTieringConfiguration", TieringConfiguration=told)
        assert error["Error"]["Code"] == "AlreadyExistsException"
        assert (
            error["Arn"]
            == described("own" if vault == "vault" else "all")["TieringConfigurationArn"]
        )
    call("DeleteTieringConfiguration", TieringConfigurationName="own")
    update("second")
    assert described("second")["BackupVaultName"] == "vault"


def test_accounts_and_regions_are_apart(backup: FakeBackup) -> None:
    """A name stands for another configuration in every account and region."""
    create(vault="*")
    create(vault="*", region=OTHER_REGION)
    with backup.acting_as(OTHER_ACCOUNT):
        assert names() == []
        arn = create(vault="*")["TieringConfigurationArn"]
    assert arn.startswith(f"arn:aws:backup:{REGION}:{OTHER_ACCOUNT}:tiering-configuration:")
    call("DeleteTieringConfiguration", TieringConfigurationName="tiers")
    assert names() == []
    assert names(region=OTHER_REGION) == ["tiers"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_survive_what_happens_between(backup: FakeBackup, size: int) -> None:
    """A configuration made or deleted between two pages neither repeats nor hides another."""
    wanted = ["zz", "aa", "mm", "bb", "kk"]
    for name in [*wanted, "late"]:
        backup.add_vault(BackupVaultName=f"of-{name}")
    for name in wanted:
        create(name, f"of-{name}")
    seen: list[str] = []
    listed = pages("ListTieringConfigurations", size, "TieringConfigurations")
    for number, page in enumerate(listed):
        seen += [each["TieringConfigurationName"] for each in page]
        if number == 0:
            call("DeleteTieringConfiguration", TieringConfigurationName="zz")
            create("late", "of-late")
    assert [name for name in seen if name in wanted[1:]] == wanted[1:]
    assert len(seen) == len(set(seen))
    assert "late" in seen


def test_as_much_as_fits(backup: FakeBackup) -> None:
    """Five selections, and a hundred resources in all, are allowed."""
    create()
    told = [{**NARROW, "Resources": [f"{BUCKET}-{n}" for n in range(25)]}] * 4
    update(ResourceSelection=[*told, SELECTION])
    assert described()["ResourceSelection"] == [*told, SELECTION]
    assert backup.calls("UpdateTieringConfiguration")


INVALID, MISSING = "InvalidParameterValueException", "MissingParameterValueException"
LIMIT, TAKEN = "LimitExceededException", "AlreadyExistsException"
CREATE, UPDATE = "CreateTieringConfiguration", "UpdateTieringConfiguration"
NAMED = (UPDATE, "GetTieringConfiguration", "DeleteTieringConfiguration")
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"BackupVaultName": "none"}, INVALID),
    ({"BackupVaultName": "x"}, INVALID),
    ({"BackupVaultName": "taken"}, TAKEN),
    ({"ResourceSelection": []}, MISSING),
    ({"ResourceSelection": [{**SELECTION, "Resources": []}]}, MISSING),
    ({"ResourceSelection": [SELECTION] * 6}, LIMIT),
    ({"ResourceSelection": [{**NARROW, "Resources": [BUCKET] * 101}]}, LIMIT),
    ({"ResourceSelection": [{**SELECTION, "ResourceType": "EBS"}]}, INVALID),
    ({"ResourceSelection": [{**SELECTION, "Resources": ["bucket"]}]}, INVALID),
    (
        {
            "ResourceSelection": [
                SELECTION,
                {
                    **SELECTION,
                    "Resources": [BUCKET, f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"],
                },
            ]
        },
        INVALID,
    ),
    ({"ResourceSelection": [{**SELECTION, "TieringDownSettingsInDays": 36501}]}, INVALID),
]
ERRORS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    *((name, {}, told, code) for name in (CREATE, UPDATE) for told, code in WRONG),
    (CREATE, {}, {"TieringConfigurationName": "tiers"}, TAKEN),
    (CREATE, {}, {"TieringConfigurationName": "a-b"}, INVALID),
    (CREATE, {}, {"TieringConfigurationName": "x" * 201}, INVALID),
    (CREATE, {"CreatorRequestId": "a b"}, {}, INVALID),
    (CREATE, {"CreatorRequestId": ""}, {}, INVALID),
    (CREATE, {"TieringConfigurationTags": {f"key-{n}": "" for n in range(51)}}, {}, LIMIT),
    *((name, {"TieringConfigurationName": ""}, {}, MISSING) for name in NAMED),
    *((name, {"TieringConfigurationName": "a-b"}, {}, INVALID) for name in NAMED),
    *(
        (name, {"TieringConfigurationName": "none"}, {}, "ResourceNotFoundException")
        for name in NAMED
    ),
    ("ListTieringConfigurations", {"NextToken": "none"}, {}, INVALID),
    ("ListTieringConfigurations", {"MaxResults": 1001}, {}, INVALID),
]
CAUSELESS = {(CREATE, "ConflictException"), (UPDATE, "ConflictException")}
"""Declared errors without a natural cause: nothing goes on with a configuration."""


class TestErrors:
    @pytest.mark.parametrize(("operation", "parameters", "told", "code"), ERRORS)
    def test_each(
        self,
        backup: FakeBackup,
        operation: str,
        parameters: dict[str, Any],
        told: dict[str, Any],
        code: str,
    ) -> None:
        """Bad input is refused by the declared error, and nothing changes."""
        backup.add_vault(BackupVaultName="taken")
        create()
        create("second", "taken")
        asked: dict[str, Any] = {}
        if operation in NAMED:
            asked["TieringConfigurationName"] = "tiers"
        if operation == CREATE:
            told = {"TieringConfigurationName": "fresh", **body("other"), **told}
        if operation in (CREATE, UPDATE):
            asked["TieringConfiguration"] = {**body(), **told}
        assert refused(backup, operation, **asked | parameters)["Error"]["Code"] == code
        assert code in declared(operation)

    @pytest.mark.parametrize("operation", [CREATE, *NAMED, "ListTieringConfigurations"])
    def test_all(self, operation: str) -> None:
        """Every client error that an operation declares is provoked above."""
        provoked = {code for name, *_, code in ERRORS if name == operation}
        without = {code for name, code in CAUSELESS if name == operation}
        assert declared(operation) == provoked | without
