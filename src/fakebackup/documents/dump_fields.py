"""Attributes of the model's objects in a dump: how each is written, and read again."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.documents.dump_damage import DamageError, check_object, read_each, under, wrong
from fakebackup.documents.dump_values import read_date, read_members, written, written_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Codec(NamedTuple):
    """How an attribute is written and read.

    Attributes:
        write: returns its value as plain JSON.
        read: returns the value again, or raises `DamageError`.
    """

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _of_type(wanted: type, words: str) -> Codec:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise wrong(words, value)
        return value

    return Codec(_as_it_is, read)


NUMBER = _of_type(int, "a whole number")
FLAG = _of_type(bool, "true or false")
TEXT = _of_type(str, "a text")
DATE = Codec(written_date, read_date)
MEMBERS = Codec(lambda value: written("", value), read_members)


def _read_tags(value: Any) -> dict[str, str]:
    return {key: under(key, TEXT.read, each) for key, each in check_object(value).items()}


TAGS = Codec(dict, _read_tags)


def listed(codec: Codec, of: Callable[[Iterable[Any]], Any] = list) -> Codec:
    """Return the codec of a list, whose items another one writes and reads.

    Args:
        codec: the codec of an item.
        of: makes the list, tuple or set of the items.
    """

    def write(values: Iterable[Any]) -> list[Any]:
        found = [codec.write(each) for each in values]
        return sorted(found) if of is frozenset else found

    return Codec(write, lambda value: of(read_each(value, codec.read)))


NAMES = listed(TEXT, frozenset)


class Field(NamedTuple):
    """An attribute of an object of the model, and how a dump has it.

    Attributes:
        attribute: the attribute's name.
        key: its key in the dump.
        codec: how it is written and read.
        default: the value that is left out; `NEEDED` where none is.
    """

    attribute: str
    key: str
    codec: Codec
    default: Any


NEEDED = object()


def write_fields(fields: Iterable[Field], owner: Any) -> dict[str, Any]:
    """Return the attributes of an object as plain JSON, but those that have their default."""
    return {
        each.key: each.codec.write(value)
        for each in fields
        if (value := getattr(owner, each.attribute)) != each.default
    }


def read_fields(fields: Iterable[Field], plain: Any, *others: str) -> dict[str, Any]:
    """Return the attributes of an object, by name.

    Args:
        fields: the attributes that it has.
        plain: what `write_fields` returned.
        others: further keys that it may have.

    Raises:
        DamageError: one is missing or of another form, or there are others.
    """
    check_object(plain, {*others, *(each.key for each in fields)})
    found = {}
    for attribute, key, codec, default in fields:
        if key in plain:
            found[attribute] = under(key, codec.read, plain[key])
        elif default is NEEDED:
            raise DamageError("is missing.", key)
        else:
            # The model may change what it gets in place.
            found[attribute] = copy.copy(default)
    return found


def record(make: Callable[..., Any], fields: Iterable[Field]) -> Codec:
    """Return the codec of an object that is its fields, and made of them."""
    return Codec(
        lambda value: write_fields(fields, value), lambda plain: make(**read_fields(fields, plain))
    )


def one_of(classes: Mapping[str, tuple[type, Codec]]) -> Codec:
    """Return the codec of an object of one of some classes, whose key tells which.

    Args:
        classes: per key, the class and the codec of its objects.
    """

    def write(value: Any) -> dict[str, Any]:
        key = next(key for key, (each, _) in classes.items() if type(value) is each)
        return {key: classes[key][1].write(value)}

    def read(plain: Any) -> Any:
        if len(check_object(plain, classes)) != 1:
            raise wrong(f"an object with one of {', '.join(classes)}", plain)
        ((key, value),) = plain.items()
        return under(key, classes[key][1].read, value)

    return Codec(write, read)


def optional(codec: Codec) -> Codec:
    """Return the codec of a value that may be None."""
    return Codec(
        lambda value: None if value is None else codec.write(value),
        lambda plain: None if plain is None else codec.read(plain),
    )
