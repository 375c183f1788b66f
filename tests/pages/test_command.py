"""`python -m fakebackup report`: the page of the example month, or of a loaded account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fakebackup.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

ARN = "arn:aws:backup:ap-south-1:111122223333:backup-vault:daily"
RECORDED = {
    "BackupJobs": [
        {
            "BackupJobId": "recorded-1",
            "AccountId": "111122223333",
            "State": "FAILED",
            "StatusMessage": "<b>boom</b>",
            "BackupVaultArn": ARN,
            "CreationDate": 1_600_000_000.5,
        }
    ]
}


def test_the_example_month(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a seed the page shows the example month, and the line says where it lies."""
    path = tmp_path / "out.html"
    assert main(["report", str(path)]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{path}: 76 jobs of the example month. Open it in a browser.\n", "")
    assert path.read_text("utf-8").count('<g class="row"') == 76


@pytest.mark.parametrize("before", [False, True])
def test_a_loaded_account(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *, before: bool
) -> None:
    """A seed is shown in its own account and Region, whatever its age; JSON is for programs."""
    seed, path = tmp_path / "seed.json", tmp_path / "out.html"
    seed.write_text(json.dumps(RECORDED), "utf-8")
    given = ["report", "--seed", str(seed), str(path)]
    assert main(["--json", *given] if before else [*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(path),
        "account_id": "111122223333",
        "region": "ap-south-1",
        "jobs": 1,
    }
    page = path.read_text("utf-8")
    assert "recorded-1" in page
    assert "&lt;b&gt;boom&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        (None, "No such file"),
        ("not json", "is no JSON"),
        ('{"Jobs": []}', "Jobs"),
        (
            (
                '{"BackupJobs": [{"BackupJobId": "a1", "State": "RUNNING", "CreationDate": 0,'
                ' "AccountId": "12345"}]}'
            ),
            "seed.json: BackupJobs[0]: AccountId is a string of 12 digits, not '12345'.\n",
        ),
    ],
)
def test_what_cannot_be_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, seed: str | None, said: str
) -> None:
    """A seed that cannot be loaded is refused in one line, and nothing is written."""
    path = tmp_path / "seed.json"
    if seed is not None:
        path.write_text(seed, "utf-8")
    assert main(["report", "--seed", str(path), str(tmp_path / "out.html")]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("fakebackup: ")
    assert said in err
    assert not (tmp_path / "out.html").exists()


def test_a_page_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A folder that is not there is told by name."""
    path = tmp_path / "missing" / "out.html"
    assert main(["report", str(path)]) == 2
    assert "missing" in capsys.readouterr().err
