"""Ids and request ids: counted, never random, so that every run gives the same."""

from __future__ import annotations


def job_id(code: str, number: int, *, upper: bool) -> str:
    """Return a job id in AWS's form.

    Args:
        code: a hexadecimal digit that tells the kinds of job apart.
        number: the job's number in its fake.
        upper: whether AWS writes ids of this kind of job in capitals.
    """
    made = f"{code}0000000-0000-4000-8000-{number:012x}"
    return made.upper() if upper else made


def uuid(code: str, number: int) -> str:
    """Return a lower-case id in the form of a uuid4, as recovery points carry it."""
    return f"{code}0000000-0000-4000-9000-{number:012x}"


def uuid_pattern(code: str) -> str:
    """Return the pattern of `uuid`, to be formatted with the number as ``n``."""
    return f"{code}0000000-0000-4000-9000-{{n:012x}}"


def request_id(number: int) -> str:
    """Return the request id of the n-th HTTP request that a fake answered."""
    return f"00000000-0000-4000-a000-{number:012x}"


def is_account_id(text: str) -> bool:
    """Return whether a text has the form of an account id: 12 digits."""
    return len(text) == 12 and text.isascii() and text.isdigit()  # noqa: PLR2004  AWS's form
