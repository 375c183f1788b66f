"""Credentials that STS handed out while a fake was active: their clients act in its account."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.credentials import DeferredRefreshableCredentials, RefreshableCredentials
from botocore.session import Session
from botocore.stub import Stubber

from fakebackup import mock_backup
from fakebackup.answering import access_keys
from fakebackup.hook import clients
from fakebackup.model.resources.arns import Principal

OWN = "123456789012"
OTHER = "111122223333"
KEYS: dict[str, Any] = {"aws_access_key_id": "AKIAREAL", "aws_secret_access_key": "secret"}
ROLE = {
    "RoleArn": f"arn:aws:iam::{OTHER}:role/reader",
    "RoleSessionName": "session",
}


def handed(key: str = "ASIAROLE0000000001") -> dict[str, Any]:
    """Credentials as STS hands them out."""
    return {
        "AccessKeyId": key,
        "SecretAccessKey": "secret",
        "SessionToken": "token",
        "Expiration": "2099-01-01T00:00:00Z",
    }


def answer(arn: str = f"arn:aws:sts::{OTHER}:assumed-role/reader/session") -> dict[str, Any]:
    """What STS answers to AssumeRole."""
    return {
        "Credentials": handed(),
        "AssumedRoleUser": {"AssumedRoleId": "AROA0000000000000001:session", "Arn": arn},
    }


def assume(told: dict[str, Any]) -> Any:
    """Assume a role by an STS that answers what it is told, as code does it by hand."""
    sts = boto3.client("sts", region_name="us-east-1", **KEYS)
    with Stubber(sts) as stubber:
        stubber.add_response("assume_role", told)
        return sts.assume_role(**ROLE)["Credentials"]


def of(credentials: Any) -> Any:
    """A Backup client made from credentials, as code does it by hand."""
    return boto3.Session(region_name="us-east-1").client(
        "backup",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def acts_in(client: Any) -> str:
    """The account that the active fake sees a client act in."""
    with mock_backup() as backup:
        client.list_backup_jobs()
        return backup.calls[-1].account


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_a_role_acts_in_its_account(partition: str) -> None:
    """A client made from an assumed role acts in the account of the role, acting_as or not."""
    with mock_backup() as backup:
        told = answer(f"arn:{partition}:sts::{OTHER}:assumed-role/reader/session")
        client = of(assume(told))
        assert acts_in(client) == OTHER
        with backup.acting_as("999988887777"):
            assert acts_in(client) == OTHER
        assert acts_in(boto3.client("backup")) == OWN


def test_a_federated_user_acts_in_its_account() -> None:
    """So does one made from GetFederationToken."""
    with mock_backup():
        sts = boto3.client("sts", region_name="us-east-1", **KEYS)
        user = {"FederatedUserId": f"{OTHER}:me", "Arn": f"arn:aws:sts::{OTHER}:federated-user/me"}
        with Stubber(sts) as stubber:
            stubber.add_response(
                "get_federation_token", {"Credentials": handed(), "FederatedUser": user}
            )
            told = sts.get_federation_token(Name="me")
        assert acts_in(of(told["Credentials"])) == OTHER


def test_an_inner_fake_knows_it_too() -> None:
    """A role assumed before an inner fake began keeps its account in it."""
    with mock_backup():
        client = of(assume(answer()))
        with mock_backup(account_id="999988887777"):
            assert acts_in(client) == OTHER


def test_refreshable_credentials_made_in_code() -> None:
    """Credentials that refresh themselves, made in code from a role, act in its account."""
    asked: list[str] = []

    def refresh() -> dict[str, str]:
        asked.append("refresh")
        raise AssertionError("refreshed")

    with mock_backup():
        key = assume(answer())["AccessKeyId"]
        session: Any = Session()
        session._credentials = RefreshableCredentials.create_from_metadata(
            {
                "access_key": key,
                "secret_key": "secret",
                "token": "token",
                "expiry_time": "2001-01-01T00:00:00Z",
            },
            refresh_using=refresh,
            method="sts-assume-role",
        )
        assert acts_in(session.create_client("backup", region_name="us-east-1")) == OTHER
        session._credentials = DeferredRefreshableCredentials(refresh, "sts-assume-role")
        assert acts_in(session.create_client("backup", region_name="us-east-1")) == OWN
    assert not asked


def test_a_profiles_role_names_no_account() -> None:
    """What a profile's own role named does not count, even after another service used it."""
    with mock_backup():
        key = assume(answer())["AccessKeyId"]
        for method in ("assume-role", "env", "sso"):
            session: Any = Session()
            session.set_credentials(key, "secret")
            session._credentials.method = method
            assert acts_in(session.create_client("backup", region_name="us-east-1")) == OWN


@pytest.mark.parametrize(
    ("asked", "role"),
    [
        (f"arn:aws:iam::{OTHER}:role/reader", f"arn:aws:iam::{OTHER}:role/reader"),
        (f"arn:aws:iam::{OTHER}:role/of/us/reader", f"arn:aws:iam::{OTHER}:role/of/us/reader"),
        # A stub may answer with another role than the one that was asked for.
        (f"arn:aws:iam::{OTHER}:role/of/us/writer", f"arn:aws:iam::{OTHER}:role/reader"),
        (f"arn:aws:iam::{OWN}:role/reader", f"arn:aws:iam::{OTHER}:role/reader"),
    ],
)
def test_who_acts_as_a_role(asked: str, role: str) -> None:
    """A role's session is known by its ARN, its unique id and its role, with the role's path."""
    with mock_backup():
        sts = boto3.client("sts", region_name="us-east-1", **KEYS)
        with Stubber(sts) as stubber:
            stubber.add_response("assume_role", answer())
            sts.assume_role(RoleArn=asked, RoleSessionName="session")
        assert access_keys.principal_of(handed()["AccessKeyId"]) == Principal(
            OTHER,
            f"arn:aws:sts::{OTHER}:assumed-role/reader/session",
            "AROA0000000000000001:session",
            role,
        )
        assert access_keys.principal_of("AKIAREAL") is None


UNTELLING: dict[str, dict[str, Any]] = {
    "no user": {"Credentials": handed()},
    "a stub's short ARN": answer("arn:aws:sts::1:assumed-role"),
    "no credentials": {"AssumedRoleUser": answer()["AssumedRoleUser"]},
}


@pytest.mark.parametrize("told", UNTELLING.values(), ids=UNTELLING)
def test_an_answer_without_an_account_changes_nothing(told: dict[str, Any]) -> None:
    """A stub that leaves out what tells the account is no trouble."""
    with mock_backup():
        sts = boto3.client("sts", region_name="us-east-1", **KEYS)
        with Stubber(sts) as stubber:
            stubber.add_response("assume_role", told)
            sts.assume_role(**ROLE)
        assert acts_in(of(handed())) == OWN


def test_a_refusal_changes_nothing() -> None:
    """A role that STS refuses is refused as ever."""
    with mock_backup():
        sts = boto3.client("sts", region_name="us-east-1", **KEYS)
        with Stubber(sts) as stubber:
            stubber.add_client_error("assume_role", "AccessDenied")
            with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
                sts.assume_role(**ROLE)
        assert acts_in(boto3.client("backup")) == OWN


def test_it_is_forgotten_with_the_fake() -> None:
    """What STS handed out before or after a fake, or under an earlier one, is unknown to it."""
    sts = boto3.client("sts", region_name="us-east-1", **KEYS)
    with mock_backup():
        client = of(assume(answer()))
        with Stubber(sts) as stubber:
            stubber.add_response("assume_role", answer())
            sts.assume_role(**ROLE)
    assert acts_in(client) == OWN
    with Stubber(sts) as stubber:
        stubber.add_response("assume_role", answer())
        sts.assume_role(**ROLE)
    assert not access_keys._handed_out
    assert acts_in(client) == OWN


def test_methods_of_botocores_providers() -> None:
    """The marks of credentials that botocore looks for itself are those of its providers."""
    found = clients._methods_of_providers()
    assert {"env", "assume-role", "sso", "iam-role", "shared-credentials-file"} <= found, (
        "CredentialProvider.METHOD is gone: hook.clients.identity needs it"
    )
    assert "explicit" not in found
