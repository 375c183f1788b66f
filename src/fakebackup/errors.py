"""Three families of errors that never look alike.

AWS's own answers (`AwsError`, which the client turns into a modelled ``ClientError``), the
fake's refusals (`OperationNotFaked`, `FakeBackupError`) and the user's mistakes while seeding
(``TypeError`` and ``ValueError``, for which this module has the hints).
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class FakeBackupWarning(UserWarning):
    """A warning that explains surprising behaviour in tests."""


class FakeBackupError(RuntimeError):
    """The fake was used in a way that it does not support, for instance after it ended."""


class EndlessWait(FakeBackupError):  # noqa: N818  it names what was found
    """A loop waits for a job that nothing moves."""


class OperationNotFaked(NotImplementedError):  # noqa: N818  the contract's name
    """An AWS Backup operation was called that fakebackup does not fake yet.

    The call does not leave the process, and this is no ``ClientError``, so code that handles AWS's
    errors does not mistake it for one. To answer the operation in a test all the same, call
    `FakeBackup.answer`.
    """


class AwsError(Exception):
    """An error that AWS answers: raised by operations, seen by users as a ``ClientError``.

    Attributes:
        code: the exception's name, as in ``InvalidParameterValueException``.
        message: AWS's text.
        number: the ``ERROR_...`` string of the body's ``Code``; None, which AWS sends as null,
            unless it is public: SDKs that prefer it to the header are misled by another one.
        context: the body's ``Context``; None where AWS sends null.
        status: the HTTP status.
        members: further members of the error's shape, by name.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        number: str | None = None,
        context: str | None = None,
        status: int = 400,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.number = number
        self.context = context
        self.status = status
        self.members: dict[str, str] = {}


def name_of(error: BaseException) -> str:
    """Return the name of an error for the log of calls: AWS's, where a test answers one of AWS."""
    from botocore.exceptions import ClientError

    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return code if isinstance(code, str) and code else type(error).__name__


def invalid_parameter(message: str) -> AwsError:
    """Return the error for a parameter whose value AWS refuses."""
    return AwsError("InvalidParameterValueException", message)


def invalid_request(message: str) -> AwsError:
    """Return the error for a request that does not fit the state of its resource."""
    return AwsError("InvalidRequestException", message)


def missing_parameter(message: str) -> AwsError:
    """Return the error for a required parameter that is empty."""
    return AwsError("MissingParameterValueException", message)


def not_found(message: str) -> AwsError:
    """Return the error for a resource that does not exist."""
    return AwsError("ResourceNotFoundException", message)


def already_exists(message: str, arn: str | None, request: str | None) -> AwsError:
    """Return the error for creating a resource that conflicts with an existing one.

    Args:
        message: AWS's text.
        arn: the ARN of the existing one, if it has one.
        request: the CreatorRequestId that created it, if any.
    """
    error = AwsError("AlreadyExistsException", message)
    known = {"Arn": arn, "CreatorRequestId": request}
    error.members |= {name: value for name, value in known.items() if value is not None}
    return error


_LONGEST_WORD = 200
"""How much of a word is compared: looking for a near one takes long for a long text."""


def near(word: object, words: Iterable[str]) -> str:
    """Return "; did you mean 'X'?" with the word nearest to an unknown one, or ""."""
    from difflib import get_close_matches

    known = {each.lower(): each for each in words}
    asked = word if isinstance(word, str) else quoted(word)
    found = get_close_matches(asked[:_LONGEST_WORD].lower(), known, n=1, cutoff=0.6)
    return f"; did you mean {known[found[0]]!r}?" if found else ""


def quoted(value: object) -> str:
    """Return a value as code writes it, whatever it is: an error that quotes it must not fail."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  a repr may raise anything: RecursionError, for one
        if type(value) is int:  # Python writes none that are so long
            return f"a number of about {value.bit_length() * 30103 // 100_000} digits"
        return f"a {type(value).__name__} that cannot be shown"


_SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))


def is_unicode(text: str) -> bool:
    """Return whether a text is Unicode: half of a surrogate pair has no form in UTF-8."""
    return text.isascii() or _SURROGATES.isdisjoint(text)


def check_text(name: str, text: str) -> None:
    """Refuse a text that a user gave and no client could get.

    Raises:
        ValueError: it is no Unicode text.
    """
    if not is_unicode(text):
        msg = f"{name} is no Unicode text, since it has half of a surrogate pair: {text!r}"
        raise ValueError(msg)


def check_not_awaited(takes: str, given: object) -> None:
    """Refuse a function that a user gave and whose coroutine nothing would await.

    Args:
        takes: the beginning of the message, as in ``on_event() takes a function``.
        given: what was given, a function or not.

    Raises:
        TypeError: it is a coroutine function, or an object that is called like one.
    """
    import inspect

    # An object is called by a function of its class.
    called = (given, getattr(type(given), "__call__", None))  # noqa: B004  the function is wanted
    if any(map(inspect.iscoroutinefunction, called)):
        seen = f"{quoted(given)}, whose coroutine nothing would await"
        msg = f"{takes}, not {seen}: give a plain function."
        raise TypeError(msg)


def check_path(call: str, path: object, hint: str = "") -> None:
    """Refuse a text that no file can be called.

    Args:
        call: what was given it, as in ``dump()``.
        path: the text; whatever else may be a path is judged by who opens it.
        hint: what the message says at its end.

    Raises:
        ValueError: no file can be called so.
    """
    try:
        cannot, why = isinstance(path, str) and b"\0" in os.fsencode(path), "it has a NUL"
    except UnicodeEncodeError:
        cannot, why = True, "it has half of a surrogate pair"
    if cannot:
        msg = f"{call} takes a text as a path, and no file is called {quoted(path)}: {why}.{hint}"
        raise ValueError(msg)


def shortened(text: str, size: int) -> str:
    """Return a text in one line of so many characters at most."""
    text = " ".join(text.split())
    return text if len(text) <= size else f"{text[: size - 3]}..."


def few(texts: Iterable[str], most: int = 3) -> list[str]:
    """Return the texts that come first, each once, and how many there are besides.

    Args:
        texts: the texts; one that comes several times says how often.
        most: how many different ones are shown.
    """
    counts: dict[str, int] = {}
    for each in texts:
        counts[each] = counts.get(each, 0) + 1
    shown = [text if n == 1 else f"{text} ({n} times)" for text, n in list(counts.items())[:most]]
    rest = sum(list(counts.values())[most:])
    return [*shown, f"{rest} more"] if rest else shown


def number_of(count: int, noun: str) -> str:
    """Return a number of things in words, as in "2 vaults"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def there_are(count: int) -> str:
    """Return how many there are, as the end of a message without its full stop."""
    return f"; there is {count}" if count == 1 else f"; there are {count}"


_PACKAGE = __file__.removesuffix("errors.py")
_BETWEEN = {"botocore", "boto3", "aiobotocore", "contextlib", "functools"}


def warn(message: str, *, raising: bool = True) -> None:
    """Issue a `FakeBackupWarning` at the line of the user's code that led to it.

    Args:
        message: what happened, why, and what to type.
        raising: whether a filter that turns warnings into errors is obeyed; if not, the
            warning is shown instead.

    Raises:
        FakeBackupWarning: the user's filters turn it into an error.
    """
    frame = sys._getframe(1)  # noqa: SLF001  the interpreter's own way to the caller
    while frame.f_back is not None and _is_inside(frame.f_code.co_filename, frame.f_globals):
        frame = frame.f_back
    place: dict[str, Any] = {
        "filename": frame.f_code.co_filename,
        "lineno": frame.f_lineno,
        "module": frame.f_globals.get("__name__", "__main__"),
        "registry": frame.f_globals.setdefault("__warningregistry__", {}),
    }
    try:
        warnings.warn_explicit(message, FakeBackupWarning, **place)
    except FakeBackupWarning:
        if raising:
            raise
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn_explicit(message, FakeBackupWarning, **place)


def _is_inside(filename: str, namespace: dict[str, Any]) -> bool:
    top = str(namespace.get("__name__", "")).partition(".")[0]
    return filename.startswith(_PACKAGE) or top in _BETWEEN
