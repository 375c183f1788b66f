"""What the tests of other clients stand on; they run where those clients are installed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDS = {
    **{each.name: ("boto3", "moto") for each in Path(__file__).parent.glob("test_beside_*.py")},
    "test_aio.py": ("aiobotocore", "anyio", "boto3"),
    "test_aioboto3.py": ("aioboto3",),
    "test_beside_deliveries.py": ("boto3", "jsonpath_ng", "moto"),
    "test_beside_server.py": ("boto3", "flask", "flask_cors", "moto"),
    "test_cli.py": ("awscli",),
    "test_closed_network.py": ("aiobotocore", "boto3", "moto"),
    "test_escapes.py": ("aiobotocore", "boto3"),
    "test_moto.py": ("aiobotocore", "boto3", "moto"),
}
"""What a file of tests imports that only tox's `clients` environments are sure to have."""

MISSING = {
    file: lacking
    for file, needed in NEEDS.items()
    if (lacking := [name for name in needed if find_spec(name) is None])
}

collect_ignore = list(MISSING)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """Put the environment back: moto's credentials stay there if its blocks end out of order."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def pytest_report_header() -> list[str]:
    """Say what is not collected, and why."""
    return [f"{file}: not run, {', '.join(names)} missing" for file, names in MISSING.items()]
