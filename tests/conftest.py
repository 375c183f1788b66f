"""What every test stands on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Derandomised, so that a red run is red again; no deadline, since CI's cores are shared.
settings.register_profile("fakebackup", derandomize=True, deadline=None, database=None)
settings.load_profile("fakebackup")


@pytest.fixture(scope="session", autouse=True)
def _botocore_reads_each_file_once() -> Iterator[None]:
    """Parsing the same JSON in each new session of botocore's is a third of the suite's time."""
    from botocore.loaders import JSONFileLoader

    read = JSONFileLoader.load_file
    texts: dict[object, object] = {}

    def load_file(self: JSONFileLoader, path: str) -> object:
        if path not in texts:
            texts[path] = read(self, path)
        return texts[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobodys_aws() -> Iterator[None]:
    """No test sees the AWS settings of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield


@pytest.fixture
def unfaked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that takes operations out of what is faked, until the test's end.

    Tests of what becomes of an operation that is not faked name theirs by it, and hold
    whether that one is faked meanwhile or not.
    """
    from fakebackup import dispatch
    from fakebackup.operations import operations

    registry: Any = operations()
    whole = dict(registry)

    def take(*names: str) -> None:
        for name in names:
            registry.pop(name, None)
        # Answered by hand, an operation that is not faked has a plan of its own.
        plans = {name: plan for name, plan in dispatch._plans.items() if name not in names}
        monkeypatch.setattr(dispatch, "_plans", plans)

    yield take
    # Not put back one by one: their order is part of what is told.
    registry.clear()
    registry.update(whole)
