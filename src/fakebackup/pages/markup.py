"""HTML from Python values: the one place where text is escaped."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    Child: TypeAlias = "str | int | Iterable[Child] | None"

_EMPTY = frozenset({"input", "link", "meta"})
"""The elements that have no content."""

# What HTML does not allow in any document, controls but for white space and halves of surrogates;
# and what lets a text read as another one, overrides of its direction.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is HTML already; any other text is escaped where it goes into a page."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """Return a value as HTML that shows it as text, whatever is in it."""
    if isinstance(text, Html):
        return text
    return Html(html.escape(_NOT_TEXT.sub("\ufffd", str(text)), quote=False))


def joined(children: Iterable[Child]) -> Html:
    """Return several pieces as one: text is escaped, None is nothing, lists are joined."""
    return Html("".join(map(_child, children)))


def _child(child: Any) -> str:
    if child is None:
        return ""
    if isinstance(child, (str, int)):
        return escaped(child)
    return joined(child)


def element(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """Return an element.

    Args:
        name: the element's name.
        children: its content: HTML, text, numbers, None, or lists of these.
        attributes: its attributes; in a name, `_` stands for `-`, and one at the end is dropped.
            True is an attribute without a value, None and False are none.
    """
    said = "".join(
        _attribute(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _EMPTY:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{joined(children)}</{name}>")


def _attribute(name: str, value: object) -> str:
    if value is True:
        return f" {name}"
    if isinstance(value, float):
        value = f"{value:.3f}".rstrip("0").rstrip(".")
    text = html.escape(_NOT_TEXT.sub("\ufffd", str(value)), quote=True)
    # Line breaks in an attribute are kept only if they are written as references.
    return f' {name}="{text.replace(chr(10), "&#10;").replace(chr(13), "&#13;")}"'


def data(identity: str, value: Any) -> Html:
    """Return a script element that holds data as JSON, for the page's script to read."""
    text = json.dumps(value, separators=(",", ":"))
    for each in "<>&":
        text = text.replace(each, f"\\u{ord(each):04x}")
    return Html(f'<script type="application/json" id="{identity}">{text}</script>')


def cut(text: object, most: int) -> str:
    """Return a text, or its beginning and how much of it is left out.

    Args:
        text: the text.
        most: how many bytes of HTML it may take: that is what a page must not have too many of.
    """
    found = str(text)
    kept = found[:most]
    while (size := len(escaped(kept).encode())) > most:
        kept = kept[: len(kept) * most // size]
    if len(kept) == len(found):
        return found
    return f"{kept}… ({len(found) - len(kept):,} more characters)"
