"""HTML from values: what is text stays text, in content, in attributes and in data."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakebackup.pages.markup import Html, cut, data, element, escaped, joined

NASTY = (
    "<script>alert(1)</script>",
    "</title></style></script><img src=http://evil.example/x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "&lt;b&gt; &amp; &#60;",
    "<!-- ]]> -->",
)


class Read(HTMLParser):
    """What a reader of HTML sees: elements, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_text(text: str) -> None:
    """A reader sees one element, with the text as it was given."""
    seen = Read(element("p", text, title=text))
    assert seen.elements == [("p", {"title": text})]
    assert seen.text == text


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    """Whatever the text, no element comes of it, and UTF-8 can write it."""
    made = element("p", text, title=text)
    assert [name for name, _ in Read(made).elements] == ["p"]
    made.encode()


def test_what_html_does_not_allow_is_replaced() -> None:
    """Controls and halves of surrogate pairs are shown as what they are not."""
    assert escaped("a\x00b\x1b\ud800\n\t") == "a\ufffdb\ufffd\ufffd\n\t"


def test_html_is_not_escaped_twice() -> None:
    """What is HTML goes in as it is; lists and None are taken, too."""
    bold = element("b", "1 < 2")
    assert bold == "<b>1 &lt; 2</b>"
    assert joined([bold, None, ["<", 3], Html("<br>")]) == "<b>1 &lt; 2</b>&lt;3<br>"


def test_attributes() -> None:
    """True has no value, None and False are none, and Python's names become HTML's."""
    made = element("input", class_="a", data_x=1, hidden=True, title=None, checked=False)
    assert made == '<input class="a" data-x="1" hidden>'


@pytest.mark.parametrize("value", [*NASTY, {"a": ["</script><!--", 1, None]}])
def test_data_stays_data(value: Any) -> None:
    """A script element of data ends where it ends, and JSON reads what was given."""
    made = data("d", value)
    body = made.removeprefix('<script type="application/json" id="d">').removesuffix("</script>")
    assert not set("<>&") & set(body)
    assert json.loads(body) == value


def test_a_long_text_is_cut_and_says_so() -> None:
    """A text that is cut says how much is missing; a short one is itself."""
    assert cut("abc", 3) == "abc"
    assert cut("a" * 1003, 3) == "aaa… (1,000 more characters)"
    # What counts is how much room it takes in the page.
    assert cut("<" * 10, 8) == "<<… (8 more characters)"
    assert cut("☃" * 10, 9) == "☃☃☃… (7 more characters)"
