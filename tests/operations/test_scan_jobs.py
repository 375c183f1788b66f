"""Scan jobs, started by a real client."""

from __future__ import annotations

import re

import pytest
import time_machine

from support.client import client, full_answer
from support.starting import HERE, NOON, UUID, VOLUME, World, scans, status, told

pytestmark = pytest.mark.fake_backup(region=HERE, default_vault=True, progress="manual")


@scans
class TestStartScanJob:
    @time_machine.travel(NOON, tick=False)
    def test_returns_and_fills_in(self, world: World) -> None:
        """StartScanJob answers 201, an id in lower case and the date; the job echoes the rest."""
        wanted = world.good("StartScanJob")
        answer = full_answer("StartScanJob", **wanted)
        job = world.backup.scan_jobs[answer["ScanJobId"]]
        assert told(answer) == {"ScanJobId": job.id, "CreationDate": NOON}
        assert status(answer) == 201
        assert re.fullmatch(UUID, job.id)
        described = told(client().describe_scan_job(ScanJobId=job.id))
        assert described.items() >= (wanted | {"State": "CREATED", "ResourceArn": VOLUME}).items()
        assert described["ResourceType"] == "EBS"
        assert not described.keys() & {"ScanResult", "CompletionDate", "StatusMessage", "ScanId"}

    def test_an_incremental_scan(self, world: World) -> None:
        """An incremental scan names the recovery point that it begins from."""
        asked = {
            "RecoveryPointArn": world.second,
            "ScanMode": "INCREMENTAL_SCAN",
            "ScanBaseRecoveryPointArn": world.point,
        }
        answer = full_answer("StartScanJob", **world.good("StartScanJob") | asked)
        job = world.backup.scan_jobs[answer["ScanJobId"]]
        assert {name: job[name] for name in asked} == asked
