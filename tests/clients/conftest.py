"""What the tests of other clients stand on; they run where those clients are installed."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NEEDS = {
    "test_aio.py": ("aiobotocore", "anyio", "boto3"),
    "test_aioboto3.py": ("aioboto3",),
    "test_cli.py": ("awscli",),
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


def pytest_report_header() -> list[str]:
    """Say what is not collected, and why."""
    return [f"{file}: not run, {', '.join(names)} missing" for file, names in MISSING.items()]


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """No connection can be made, and each attempt is kept."""
    made: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        made.append(arguments)
        raise OSError("no network in this test")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    return made


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has keys, as a developer's has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A function that writes the AWS configuration file."""

    def write(text: str) -> None:
        path = tmp_path / "config"
        path.write_text(text, "utf-8")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.fspath(path))

    return write
