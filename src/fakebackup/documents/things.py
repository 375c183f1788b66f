"""Things: what recorded answers say of each vault, recovery point, plan and so on, put together."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from fakebackup.errors import near, quoted
from fakebackup.model.shapes.model import members_of, service_model
from fakebackup.model.shapes.seeds import keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fakebackup.documents.answers import Answer
    from fakebackup.model.jobs.kinds import Kind
    from fakebackup.model.resources.arns import Home

IMPLIED, LISTED, DESCRIBED = range(3)
"""How much a statement says: that a thing is there, what a list shows of it, or all of it."""

MEMBERS = "members"

_PAGING = frozenset({"MaxResults", "NextToken"})


class Said(NamedTuple):
    """A statement of an answer about a thing.

    Attributes:
        where: where it stands, for messages: "plans.json: BackupPlansList[3]".
        label: tells it from the statements of other answers: the operation, and what it was
            asked.
        level: one of `IMPLIED`, `LISTED`, `DESCRIBED`.
        home: the account and Region of a thing that names none itself.
        is_of_call: whether that is the home of the call, and not only where the fake is looked at.
    """

    where: str
    label: str
    level: int
    home: Home
    is_of_call: bool


@dataclass(eq=False)
class Thing:
    """What is said of one thing.

    Attributes:
        noun: what it is.
        home: the account and Region that it lies in.
        key: its name, id or ARN.
        where: where it is mentioned first.
        parts: per part, as its members or its policy, the members that each level has.
        labels: the statements about it, each with where it stands.
    """

    noun: str
    home: Home
    key: str
    where: str
    parts: dict[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def level(self) -> int:
        """How much is said of its members."""
        found = self.parts.get(MEMBERS, ())
        return max((at for at, each in enumerate(found) if each), default=IMPLIED)

    def part(self, name: str = MEMBERS) -> dict[str, Any] | None:
        """Return what is said of a part: a Describe's word counts more than a list's."""
        found = self.parts.get(name)
        return None if found is None else {**found[0], **found[1], **found[2]}

    def upon(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return its members, those that it had before included."""
        implied, listed, described = self.parts.get(MEMBERS, ({}, {}, {}))
        return {**implied, **listed, **before, **described}


class Things:
    """All that the answers of one load say.

    Attributes:
        home: the account and Region of what names none.
        of: per noun, the things by home and key, in the order of their first mention.
        jobs: per kind, statements about jobs.
        left_out: the texts in answers that are left out: the tags of what they name are, too.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.of: dict[str, dict[tuple[Home, str], Thing]] = {}
        self.jobs: dict[Kind, list[tuple[Said, dict[str, Any], frozenset[str]]]] = {}
        self.left_out: frozenset[str] = frozenset()

    def said(self, answer: Answer, level: int, entry: str = "") -> Said:
        """Return how a statement of an answer is known, given the name of the entry."""
        asked = {k: v for k, v in answer.parameters.items() if k not in _PAGING}
        label = str(answer.operation)
        if asked:
            label += json.dumps(asked, sort_keys=True, default=str)
        where = f"{answer.where}{entry or answer.operation}"
        return Said(where, label, level, answer.home or self.home, answer.home is not None)

    def say(  # noqa: PLR0913, PLR0917  a statement: who said what of which thing
        self,
        noun: str,
        home: Home,
        key: str,
        said: Said,
        members: Mapping[str, Any],
        part: str = MEMBERS,
    ) -> Thing:
        """Note what a statement says of a thing; to be called where errors are located.

        Raises:
            ValueError: the same list or Describe has said it before: two things have one id.
        """
        things = self.of.setdefault(noun, {})
        thing = things.get((home, key))
        if thing is None:
            thing = things[home, key] = Thing(noun, home, key, said.where)
        if said.level != IMPLIED:
            label = f"{part} {said.label} {said.home if said.is_of_call else ''}"
            before = thing.labels.setdefault(label, said.where)
            if before is not said.where:
                msg = f"the {called(noun)} {key!r} is there twice: {before} has it, too."
                raise ValueError(msg)
        levels = thing.parts.setdefault(part, ({}, {}, {}))
        levels[said.level].update(members)
        return thing

    def all(self, noun: str) -> list[Thing]:
        """Return the things of a noun, in the order of their first mention."""
        return list(self.of.get(noun, {}).values())

    def get(self, noun: str, home: Home, key: str) -> Thing | None:
        """Return a thing; None if nothing is said of it."""
        return self.of.get(noun, {}).get((home, key))


def called(noun: str) -> str:
    """Return what messages call a noun in the middle of a sentence."""
    return f"{noun[:1].lower()}{noun[1:]}"


# --- Reading ------------------------------------------------------------------------------


@contextlib.contextmanager
def located(where: str) -> Iterator[None]:
    """Say where an entry stands that is refused.

    Raises:
        TypeError, ValueError: as the block, with the place before the text.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        msg = f"{where}: {error}"
        raise (TypeError if isinstance(error, TypeError) else ValueError)(msg) from None


def entries(answer: Answer, key: str, what: str) -> list[tuple[str, Any]]:
    """Return the entries of a list, each with its name.

    Args:
        answer: the answer.
        key: the member that holds them.
        what: what they are, for messages.

    Raises:
        TypeError: it is no list.
    """
    found = answer.members.get(key, [])
    if not isinstance(found, (list, tuple)):
        msg = f"{answer.where}{key} is a list of {what}s, not {quoted(found)}."
        raise TypeError(msg)
    return [(f"{key}[{at}]", entry) for at, entry in enumerate(found)]


def flat(answer: Answer) -> dict[str, Any]:
    """Return the members of a flat answer, without those of its HTTP answer."""
    return {name: each for name, each in answer.members.items() if name != "ResponseMetadata"}


def wrapped(answer: Answer, key: str) -> Any:
    """Return what an answer holds under its one member."""
    beside = sorted(set(flat(answer)) - {key})
    if key not in answer.members:
        msg = f"{answer.where}an answer of {answer.operation} has the member {key}, not {beside}."
        raise ValueError(msg)
    return answer.members[key]


@functools.cache
def _keepers(shape: str) -> Mapping[str, Callable[[Any, str], Any]]:
    return {name: keeper(each) for name, each in members_of(shape).items()}


def kept(shape: str, given: Any, what: str) -> dict[str, Any]:
    """Return members as the model keeps them, by the name of their shape; null is absence.

    Raises:
        TypeError: no object, a member that does not exist, or a value of the wrong type.
        ValueError: a value outside the enum, text that is no date.
    """
    if not isinstance(given, Mapping):
        msg = f"a {what} is an object, not {quoted(given)}."
        raise TypeError(msg)
    keepers = _keepers(shape)
    found = {}
    for name, value in given.items():
        if name not in keepers:
            msg = f"A {what} has no member {quoted(name)}{near(name, keepers) or '.'}"
            raise TypeError(msg)
        if value is not None:
            found[name] = keepers[name](value, name)
    return found


def output_of(operation: str) -> str:
    """Return the name of the shape that an operation answers."""
    shape: Any = service_model().operation_model(operation).output_shape
    return str(shape.name)


def item_of(operation: str, key: str) -> str:
    """Return the name of the shape of an entry, or of the one thing, under a member."""
    shape = members_of(output_of(operation))[key]
    return str(shape.member.name if shape.type_name == "list" else shape.name)


def need(members: Mapping[str, Any], what: str, *names: str) -> None:
    """Refuse members without those that a thing cannot be without.

    Raises:
        ValueError: one is missing or empty.
    """
    for name in names:
        if members.get(name) in (None, ""):
            msg = f"a {what} cannot be without {name}."
            raise ValueError(msg)


def asked(answer: Answer, parameter: str, what: str) -> str:
    """Return a parameter that an answer does not repeat.

    Raises:
        ValueError: it is not known.
    """
    found = answer.parameters.get(parameter)
    if isinstance(found, str) and found:
        return found
    msg = (
        f"{answer.where}{answer.operation} does not answer {what}: type load(..., "
        f"operation={answer.operation!r}, parameters={{{parameter!r}: ...}})."
    )
    raise ValueError(msg)
