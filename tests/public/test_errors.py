"""The three families of errors, their hints, and the place that a warning names."""

from __future__ import annotations

import contextlib
import functools
import linecache
import re
import warnings
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from fakebackup import (
    EndlessWait,
    FakeBackupError,
    FakeBackupWarning,
    OperationNotFaked,
    errors,
)
from fakebackup.errors import AwsError, near, quoted
from support.hostile import Unshowable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fakebackup import FakeBackup


@pytest.mark.parametrize("family", [OperationNotFaked, FakeBackupError, FakeBackupWarning])
def test_our_own_errors_never_look_like_awss(family: type[Exception]) -> None:
    """Code that handles AWS's errors does not catch those of the fake."""
    assert not issubclass(family, (ClientError, BotoCoreError, AwsError, OSError, ValueError))


def test_the_families() -> None:
    """A refusal says that something is not there, the others that something went wrong."""
    assert issubclass(OperationNotFaked, NotImplementedError)
    assert issubclass(FakeBackupError, RuntimeError)
    assert not issubclass(FakeBackupError, NotImplementedError)
    assert issubclass(EndlessWait, FakeBackupError)
    assert issubclass(FakeBackupWarning, UserWarning)


@pytest.mark.parametrize(
    ("word", "words", "hint"),
    [
        ("Sate", ["State", "StartBy"], "; did you mean 'State'?"),
        ("state", ["State"], "; did you mean 'State'?"),
        ("FAILD", ["COMPLETED", "FAILED"], "; did you mean 'FAILED'?"),
        ("failed", ["COMPLETED", "FAILED"], "; did you mean 'FAILED'?"),
        ("xyz", ["State", "StartBy"], ""),
        ("", ["State"], ""),
        ("State", [], ""),
        (7, ["State"], ""),
        (None, iter(["none", "State"]), "; did you mean 'none'?"),
    ],
)
def test_the_near_miss_is_named(word: object, words: Iterable[str], hint: str) -> None:
    """The word that was probably meant is named as it is spelled, and none that is far off."""
    assert near(word, words) == hint


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "'text'"),
        (-7, "-7"),
        (10**5000, "a number of about 5000 digits"),
        (Unshowable(), "a Unshowable that cannot be shown"),
    ],
    ids=["text", "number", "long", "no repr"],
)
def test_whatever_is_quoted(value: object, text: str) -> None:
    """An error that quotes a value does not fail by it."""
    assert quoted(value) == text


@pytest.mark.parametrize(
    ("path", "why"), [("a\0b", "it has a NUL"), ("\ud800", "it has half of a surrogate pair")]
)
@pytest.mark.parametrize("call", ["dump", "report"])
def test_a_text_that_is_no_path(backup: FakeBackup, call: str, path: str, why: str) -> None:
    """The refusal says that a path was meant."""
    text = f"{call}() takes a text as a path, and no file is called {path!r}: {why}."
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        getattr(backup, call)(path)


class TestAwsError:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (errors.invalid_parameter("m"), "InvalidParameterValueException"),
            (errors.missing_parameter("m"), "MissingParameterValueException"),
            (errors.not_found("m"), "ResourceNotFoundException"),
        ],
    )
    def test_a_text_of_our_own_has_no_number(self, error: AwsError, code: str) -> None:
        """An error has its code and text, is the caller's fault, and has no invented number."""
        assert (error.code, error.number, error.status) == (code, None, 400)
        assert (error.message, error.context) == ("m", None)
        assert str(error) == f"{code}: m"


class TestWarn:
    def line(self, warned: warnings.WarningMessage) -> str:
        """The line that a warning names."""
        assert warned.filename == __file__
        return linecache.getline(__file__, warned.lineno)

    def test_it_names_the_line_that_led_here(self) -> None:
        """A warning stands at the test's line, not inside the library."""
        with pytest.warns(FakeBackupWarning, match=r"^look$") as seen:
            errors.warn("look")  # this line
        assert "# this line" in self.line(seen[0])

    def test_what_lies_between_is_passed_over(self) -> None:
        """The helpers of the standard library are not taken for the user's code."""
        stack = contextlib.ExitStack()
        stack.callback(functools.partial(errors.warn, "look"))
        with pytest.warns(FakeBackupWarning) as seen:
            stack.close()  # this line
        assert "# this line" in self.line(seen[0])

    def test_a_filter_may_make_an_error_of_it(self) -> None:
        """A suite that makes errors of warnings gets one."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(FakeBackupWarning, match=r"^look$"):
                errors.warn("look")

    def test_where_nothing_may_be_raised_it_is_shown(self) -> None:
        """While a fake is left the warning is shown instead, and the filters stay as they were."""
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("error")
            before = list(warnings.filters)
            errors.warn("look", raising=False)  # this line
            assert list(warnings.filters) == before
        # The inner catch_warnings shows it through whoever listens outside.
        assert [str(each.message) for each in seen] == ["look"]
        assert "# this line" in self.line(seen[0])

    def test_a_filter_may_silence_it(self) -> None:
        """It is a warning like any other: the category and the module select it."""
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            warnings.filterwarnings("ignore", category=FakeBackupWarning, module=__name__)
            errors.warn("look")
        assert not seen

    def test_one_place_warns_once(self) -> None:
        """Under Python's default filter one line warns once, however often it is run."""
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("default")
            for _ in range(3):
                errors.warn("look once")
        assert len(seen) == 1
