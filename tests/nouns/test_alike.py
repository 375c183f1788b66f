"""Every noun: what a client created, and the same seeded by its described members, are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakebackup.nouns import seeding
from fakebackup.nouns.table import NOUNS
from support.constants import NOW
from support.entries import AVAILABLE, HOME, MADE, NAMES, create, fresh, name_of, tagged, whole

if TYPE_CHECKING:
    from fakebackup.nouns.noun import Noun

pytestmark = pytest.mark.frozen(NOW)


def test_every_row_is_tested() -> None:
    """A noun that is added to the table is created here, too."""
    assert set(MADE) == set(NAMES)


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "with defaults"])
@pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
def test_seeded_as_described(noun: Noun, *, exact: bool) -> None:
    """Get, List and tags of what was seeded by its described members are those of the original."""
    with fresh():
        create(noun.name)
        above = [NOUNS[noun.parent[0]]] if noun.parent is not None else []
        recorded = []
        for each in (*above, noun):
            items, details, _ = whole(each)
            recorded += [
                (each, {**detail, **tagged(each, item)})
                for item, detail in zip(items, details, strict=True)
            ]
        expected = whole(noun)
    with fresh() as backup:
        for each, members in recorded:
            seeding.seed(backup.backend.organization, HOME, each, members, exact=exact)
        assert whole(noun) == expected
        assert expected[0]


@pytest.mark.parametrize("list_first", [True, False], ids=["list first", "describe first"])
@pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
def test_a_list_and_a_describe_complete_each_other(noun: Noun, *, list_first: bool) -> None:
    """In either order; what a list alone shows is listed and described as far as it goes."""
    with fresh():
        create(noun.name)
        above = [NOUNS[noun.parent[0]]] if noun.parent is not None else []
        recorded = []
        for each in (*above, noun):
            items, details, _ = whole(each)
            answers = (items, details) if list_first else (details, items)
            recorded += [(each, members) for answer in answers for members in answer]
        expected = whole(noun)[:2]
    with fresh() as backup:
        organization = backup.backend.organization
        for each, members in recorded:
            seeding.seed(organization, HOME, each, members, exact=True, merge=True)
        assert whole(noun)[:2] == expected


@pytest.mark.parametrize("noun", AVAILABLE, ids=name_of)
def test_seeded_from_a_list_alone(noun: Noun) -> None:
    """The list shows it again, Get or Describe what is known, and the client can remove it."""
    with fresh():
        create(noun.name)
        above = [NOUNS[noun.parent[0]]] if noun.parent is not None else []
        recorded = [(each, members) for each in (*above, noun) for members in whole(each)[0]]
        expected = whole(noun)[0]
    with fresh() as backup:
        for each, members in recorded:
            seeding.seed(backup.backend.organization, HOME, each, members, exact=True)
        items, details, _ = whole(noun)
        assert items == expected
        for item, detail in zip(items, details, strict=True):
            shared = item.keys() & detail.keys()
            assert shared
            assert {name: detail[name] for name in shared} == {name: item[name] for name in shared}
