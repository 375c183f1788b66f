"""The values that type checkers and editors know: states, types, operations and error codes."""

from fakebackup.model.shapes.literals import *  # noqa: F403  all of them, for annotations
