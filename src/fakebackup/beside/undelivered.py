"""What could not be delivered beside the fake: one warning per cause, and no error."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from fakebackup.errors import FakeBackupError, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class Undelivered:
    """The causes that a fake has warned of."""

    def __init__(self) -> None:
        """Begin without any."""
        self._warned: set[Hashable] = set()

    def tell(self, what: str, error: Exception, advice: str, *, about: Hashable) -> None:
        """Warn that something was not delivered, once per cause.

        The code under test did nothing wrong, and so gets no error, whatever its filters are.

        Args:
            what: what was not delivered, as a sentence without an end.
            error: what the service, or the mock of it, raised.
            advice: what to do.
            about: what it was for: the same error about the same is one cause.
        """
        why = text_of(error)
        cause = (about, why)
        if cause in self._warned:
            return
        self._warned.add(cause)
        warn(f"{what}: {why.rstrip('.')}. {advice} (This is said once.)", raising=False)

    def keep(self) -> Callable[[], None]:
        """Return a function that takes for warned of again what is so now."""
        return functools.partial(self._warned.update, set(self._warned))

    def clear(self) -> None:
        """Forget what was warned of."""
        self._warned.clear()


def text_of(error: Exception) -> str:
    """Return what an error of a service, or of the mock of it, says."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        found = error.response.get("Error", {})
        return f"{found.get('Code')}: {found.get('Message')}"
    # Ours and the answers of a service say all themselves.
    return str(error) if isinstance(error, FakeBackupError) else f"{type(error).__name__}: {error}"
