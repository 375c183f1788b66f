"""The fakes of the present test: for its report, and for the option `leftovers`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fakebackup import errors, hook

if TYPE_CHECKING:
    from fakebackup.dispatch import Backend
    from fakebackup.hook.clients import Active

_ended: list[Active] | None = [] if "fakebackup.plugin" in sys.modules else None
"""The fakes that ended during the present test, for its report; None without the plugin."""


_failures: list[BaseException] = []
"""The exceptions that failed the present test so far, for fakes that stop after it."""


def note_failure(error: BaseException | None, *, first: bool) -> None:
    """Note the exception that failed the present test, if one did.

    Args:
        error: the exception.
        first: whether the test has only begun, so that earlier ones are another run's.
    """
    if first:
        _failures.clear()
    if error is not None:
        _failures.append(error)


def note_ended(fake: Active, error: BaseException | None) -> BaseException | None:
    """Note that a fake has ended, and return the exception that failed its block or its test.

    Args:
        fake: the fake.
        error: the exception that ended its block, if one did.
    """
    if _ended is not None:
        _ended.append(fake)
    return next(reversed(_failures), None) if error is None else error


def refuse_leftovers(fake: Active | None = None, *, failed: bool = False) -> None:
    """Refuse what the present test, which ends, left over, where `leftovers` is "error".

    Args:
        fake: the test's fake; None is all that were made for it and are active.
        failed: whether the test has failed already: then a warning is all.

    Raises:
        FakeBackupError: it left something over, and has not failed.
    """
    for each in hook.active() if fake is None else [fake]:
        if each.backend.of_one_test and each.backend.options.leftovers == "error":
            tell_leftovers(each.backend, raising=not failed and not _failures)


def tell_leftovers(backend: Backend, *, raising: bool) -> None:
    """Tell what is left over, as the option `leftovers` says; once."""
    how = backend.options.leftovers
    if backend.leftovers_told or how == "ignore" or not backend.has_leftovers():
        return
    backend.leftovers_told = True
    from fakebackup.report import leftovers

    text = leftovers.summary(backend)
    if how == "error" and raising:
        msg = f"{text} The option leftovers='ignore' lets that pass, 'warn' warns of it."
        raise errors.FakeBackupError(msg)
    errors.warn(text, raising=False)


def used(*, forget: bool = False) -> list[Active]:
    """Return the fakes of the present test: those that ended during it, and those active.

    Args:
        forget: whether to drop those that ended, since the next test begins.
    """
    ended = _ended or []
    found = [*ended, *hook.active()]
    if forget:
        ended.clear()
        _failures.clear()
    return list({id(each): each for each in found}.values())
