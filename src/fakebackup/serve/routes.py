"""Routes: from a method and a path to the operation, by the URI templates of the model."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel


_MOST_FOUND = 256
"""How many requests' routes are kept: their paths and queries may be long."""


class Route(NamedTuple):
    """The route of an operation.

    Attributes:
        operation: the operation.
        segments: the parts of its path; None is a label, which any text may take.
        literals: what stands in its query, whatever is asked for.
        slash: whether its path ends in a slash.
    """

    operation: OperationModel
    segments: tuple[str | None, ...]
    literals: frozenset[str]
    slash: bool

    def fits(self, segments: list[str], query: frozenset[str]) -> bool:
        """Return whether a path and the names in a query are the route's."""
        return self.literals <= query and all(
            own is None or own == unquote(given)
            for own, given in zip(self.segments, segments, strict=True)
        )


class Found(NamedTuple):
    """The operation of a request, and the request's path as the template writes it."""

    operation: OperationModel
    path: str


class Routes:
    """The routes of a service."""

    def __init__(self, operations: Iterable[OperationModel]) -> None:
        """Read the templates of the operations.

        Args:
            operations: the operations of the service.
        """
        self._routes: dict[tuple[str, int], list[Route]] = {}
        for operation in operations:
            route = _route(operation)
            key = (operation.http["method"], len(route.segments))
            self._routes.setdefault(key, []).append(route)
        for routes in self._routes.values():
            routes.sort(key=_order)
        # Finding a route anew takes a quarter of a call, and clients ask the same again and again.
        self._found = functools.lru_cache(maxsize=_MOST_FOUND)(self._find)

    def find(self, method: str, path: str, query: str) -> Found | None:
        """Return the operation of a request, the most literal one that fits; None if none does.

        Args:
            method: the HTTP method.
            path: the path, percent-encoded; a slash at its end makes no difference.
            query: the query, percent-encoded.
        """
        return self._found(method, path, query)

    def _find(self, method: str, path: str, query: str) -> Found | None:
        segments = _segments(path)
        names = frozenset(each.partition("=")[0] for each in query.split("&"))
        for route in self._routes.get((method, len(segments)), ()):
            if route.fits(segments, names):
                slash = "/" if route.slash else ""
                own = zip(route.segments, segments, strict=True)
                parts = [given if literal is None else literal for literal, given in own]
                return Found(route.operation, f"/{'/'.join(parts)}{slash}")
        return None

    def all(self) -> list[Route]:
        """Return all routes."""
        return [route for routes in self._routes.values() for route in routes]


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").removesuffix("/").split("/")


def _route(operation: OperationModel) -> Route:
    http: Mapping[str, Any] = operation.http
    path, _, query = http["requestUri"].partition("?")
    segments = tuple(None if part.startswith("{") else part for part in _segments(path))
    literals = frozenset(part.partition("=")[0] for part in query.split("&") if part)
    return Route(operation, segments, literals, path.endswith("/"))


def _order(route: Route) -> tuple[Any, ...]:
    """Return what sorts routes: a literal before a label, from the left; more literals first."""
    return [part is None for part in route.segments], -len(route.literals), route.operation.name
