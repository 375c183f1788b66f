"""Seeds: check the values that users seed and convert them to what the model keeps.

The conversions that depend on a shape alone (which members are dates, which strings are
enumerated) are compiled to a function when the shape is first needed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from fakebackup.errors import check_text, near, quoted
from fakebackup.model.shapes import dates
from fakebackup.model.shapes.records import instead

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakebackup.model.shapes.model import Shape

    Read = Callable[[Any, str], Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
}


_BOUNDS: dict[str, tuple[float, float]] = {
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "double": (-sys.float_info.max, sys.float_info.max),
    "float": (-sys.float_info.max, sys.float_info.max),
}


def keeper(shape: Shape, enum: tuple[str, ...] = ()) -> Read:
    """Return a function that converts a seeded value, given its name, to the kept value.

    Args:
        shape: the member's shape.
        enum: the values that AWS documents where the shape itself has no enum.

    Raises (by the function):
        TypeError: a value of the wrong type, or a nested member that does not exist.
        ValueError: a value outside the enum, text that is no date, or a structure without one
            of its required members.
    """
    type_name = shape.type_name
    if type_name == "timestamp":
        return _keep_date
    wanted = _TYPES[type_name]
    exact = frozenset(wanted)
    bounds = _BOUNDS.get(type_name)
    convert = _KEEPERS[type_name](shape, enum) if type_name in _KEEPERS else None

    def plain_value(value: Any, path: str) -> Any:
        if not isinstance(value, wanted) or isinstance(value, bool):
            named = " or ".join(each.__name__ for each in wanted)
            hint = instead(value, path) if type_name == "string" else "."
            msg = f"{path} takes {named}, not {quoted(value)} ({type(value).__name__}){hint}"
            raise TypeError(msg)
        return _scalar(value)

    def keep(value: Any, path: str) -> Any:
        if type(value) not in exact:
            value = plain_value(value, path)
        if bounds is not None:
            _check_number(value, path, bounds)
        return value if convert is None else convert(value, path)

    return keep


def _scalar(value: Any) -> Any:
    """Return a text or a number of a subclass as a plain one."""
    # Few programs give any.
    from fakebackup import plain

    return plain.scalar(value)


def _check_number(value: Any, path: str, bounds: tuple[float, float]) -> None:
    """Refuse a number that no client could be given: JSON has no NaN, AWS no larger integers."""
    least, most = bounds
    if not least <= value <= most:
        seen = quoted(value)
        msg = f"{path} is a number from {least} to {most}, not {seen}: no client gets another."
        raise ValueError(msg)


def _keep_date(value: object, path: str) -> int:
    try:
        return dates.milliseconds(value)
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"{path} is a date: a datetime, an ISO 8601 string or seconds since 1970; {error}"
        raise (TypeError if isinstance(error, TypeError) else ValueError)(msg) from None


def _keep_string(shape: Shape, enum: tuple[str, ...]) -> Read:
    values = tuple(getattr(shape, "enum", ())) or enum
    if not values:
        return _keep_text

    def one_of(value: str, path: str) -> str:
        if value not in values:
            msg = f"{path} is none of {', '.join(values)}: {value!r}{near(value, values) or '.'}"
            raise ValueError(msg)
        return value

    return one_of


def _keep_text(value: str, path: str) -> str:
    check_text(path, value)
    return value


def _keep_structure(shape: Shape, _enum: tuple[str, ...]) -> Read:
    members = {name: keeper(each) for name, each in shape.members.items()}
    required = shape.required_members

    def structure(value: dict[str, Any], path: str) -> dict[str, Any]:
        for name in value:
            if name not in members:
                msg = f"{path} has no member {quoted(name)}{near(name, members) or '.'}"
                raise TypeError(msg)
        kept = {
            name if type(name) is str else _scalar(name): members[name](each, f"{path}.{name}")
            for name, each in value.items()
            if each is not None
        }
        missing = [name for name in required if name not in kept]
        if missing:
            msg = f"{path} cannot be without {', '.join(missing)}."
            raise ValueError(msg)
        return kept

    return structure


def _keep_list(shape: Shape, _enum: tuple[str, ...]) -> Read:
    item = keeper(shape.member)
    return lambda value, path: [item(each, f"{path}[{at}]") for at, each in enumerate(value)]


def _keep_map(shape: Shape, _enum: tuple[str, ...]) -> Read:
    key, entry = keeper(shape.key), keeper(shape.value)
    return lambda value, path: {
        key(name, f"{path} key"): entry(each, f"{path}[{quoted(name)}]")
        for name, each in value.items()
    }


_KEEPERS: dict[str, Callable[[Shape, tuple[str, ...]], Read | None]] = {
    "string": _keep_string,
    "structure": _keep_structure,
    "list": _keep_list,
    "map": _keep_map,
}
