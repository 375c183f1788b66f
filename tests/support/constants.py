"""The accounts, Regions and instants that the tests speak of."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

REGION = "us-east-1"
OTHER_REGION = "eu-west-1"
ACCOUNT = "123456789012"
OTHER_ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup"

NOW = datetime(2024, 3, 15, 13, 30, 15, 250_000, tzinfo=timezone.utc)
MIDNIGHT = datetime(2024, 3, 15, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)

TRANSPORTS = ("direct", "wire")
