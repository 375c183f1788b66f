"""Routes: from a method and a path to the operation, for the botocore that is installed."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from botocore.model import OperationModel

from fakebackup.serve.routes import Routes
from support.botocore_model import every, model

NAMES = model().operation_names
AWKWARD = ("one", "a/b c%2F?d=e&f", "Größe \u2603", "create", "delete", "plans", "...", "%", "+")
"""Texts of labels: some are literals of other templates."""


@pytest.fixture(scope="module")
def routes() -> Routes:
    """The routes of the installed model."""
    return Routes(map(model().operation_model, NAMES))


def template(operation: str) -> tuple[str, str, str]:
    """The method, the path and the query of an operation's template."""
    http: Any = model().operation_model(operation).http
    path, _, query = http["requestUri"].partition("?")
    return http["method"], path, query


def filled(path: str, text: str) -> str:
    """The path of a template, each of its labels being a text."""
    parts = [quote(text, safe="") if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


def test_routes_are_unique(routes: Routes) -> None:
    """No two operations have one method, one pattern of a path and one query."""
    found = Counter(
        (each.operation.http["method"], each.segments, each.literals) for each in routes.all()
    )
    assert set(found.values()) == {1}
    assert sum(found.values()) == len(NAMES)


@every(NAMES)
def test_every_operation_has_its_route(routes: Routes, operation: str) -> None:
    """Whatever its labels say, with a slash at the end or without, the operation is found."""
    method, path, query = template(operation)
    for text in AWKWARD:
        given = filled(path, text)
        found = routes.find(method, given, query)
        assert found is not None, given
        if text not in ("create", "delete", "plans"):
            assert found.operation.name == operation
        assert found.path == given
        other = given.removesuffix("/") if given.endswith("/") else f"{given}/"
        again = routes.find(method, other, f"{query}&strange=1" if query else "strange=1")
        assert again is not None
        assert again.operation.name == found.operation.name
        # As the template writes it, whatever the client did.
        assert again.path == given


@every(NAMES)
def test_another_way_is_no_route(routes: Routes, operation: str) -> None:
    """Another method, or a longer path, is no operation or another one."""
    method, path, query = template(operation)
    for other, given in (("PATCH", path), (method, f"/stage{path}"), (method, f"{path}/more/x/y")):
        found = routes.find(other, filled(given, "one"), query)
        assert found is None or found.operation.name != operation
    assert routes.find(method.lower(), path, query) is None


def made(*uris: str) -> Routes:
    """The routes of a service with operations of these templates, each named by its own."""
    described: dict[str, Any] = {
        uri: {"name": uri, "http": {"method": "GET", "requestUri": uri}} for uri in uris
    }
    return Routes([OperationModel(each, model(), uri) for uri, each in described.items()])


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/a/b", "", "/a/b"),
        ("/a/x", "", "/a/{l}"),
        ("/x/b", "", "/{l}/b"),
        ("/x/y", "", "/{l}/{m}"),
        ("/a/%62", "", "/a/b"),
        ("/a/b%2Fc", "", "/a/{l}"),
        ("/a/x", "delete", "/a/{l}?delete"),
        ("/a/x", "delete=", "/a/{l}?delete"),
        ("/a/x", "other=1&delete", "/a/{l}?delete"),
        ("/a/x", "deleted", "/a/{l}"),
    ],
)
def test_the_most_literal_route_wins(path: str, query: str, expected: str) -> None:
    """A literal is before a label, from the left, and a literal in the query before none."""
    uris = ["/{l}/{m}", "/{l}/b", "/a/{l}", "/a/{l}?delete", "/a/b"]
    for order in (uris, uris[::-1]):
        found = made(*order).find("GET", path, query)
        assert found is not None
        assert found.operation.name == expected


def test_a_literal_is_read_however_it_is_written() -> None:
    """The path found is the template's, or its labels would not be found in it."""
    found = made("/a-b/{l}").find("GET", "/%61%2Db/%63", "")
    assert found is not None
    assert found.path == "/a-b/%63"


def test_the_model_has_nothing_else() -> None:
    """Were there greedy labels, headers or payloads, routes or reading would have to know them."""
    for name in NAMES:
        operation: Any = model().operation_model(name)
        assert "+}" not in operation.http["requestUri"]
        shape = operation.input_shape
        if shape is not None:
            assert "payload" not in shape.serialization
            where = {each.serialization.get("location") for each in shape.members.values()}
            assert where <= {None, "uri", "querystring"}
