"""The page: one HTML document that shows what a fake holds and what happened, and asks for nothing.

Its style and its script lie beside this module and are put into it. Its policy lets a browser run
that style and that script alone, and load nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from fakebackup.pages import drawing, figures, sections
from fakebackup.pages.markup import Html, data, element, joined

if TYPE_CHECKING:
    from fakebackup.pages.contents import Contents
    from fakebackup.pages.figures import Days

_REFRESH = 2000
"""How often a live page asks for itself, in milliseconds."""


class _Asset(NamedTuple):
    """The style or the script of the page, and what lets a browser run it and no other."""

    text: str
    source: str


@functools.cache
def _asset(name: str) -> _Asset:
    text = (resources.files("fakebackup") / "pages" / name).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Asset(text, f"'sha256-{digest}'")


def page(contents: Contents, *, title: str = "", said: str = "", live: bool = False) -> str:
    """Return the page of a fake, as HTML.

    Args:
        contents: what it shows.
        title: what it is about, as the name of a test; "" is the fake alone.
        said: a text to show at its top, as the section of a failing test.
        live: whether it asks for itself again and again, from the server that gave it.
    """
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src {style.source}; script-src {script.source}; "
        f"img-src data:; base-uri 'none'; form-action 'none'"
        f"{'; connect-src ' + chr(39) + 'self' + chr(39) if live else ''}"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        # Without one, a browser asks a server for it.
        element("link", rel="icon", href="data:,"),
        element("title", f"fakebackup: {title or 'what happened'}"),
        element("style", Html(style.text)),
    )
    days = figures.days(contents.jobs.counts)
    main = element("main", sections.sections(contents, days, said), _data(contents, days), id="top")
    body = element(
        "body",
        element("a", "To the contents", class_="skip", href="#top"),
        sections.header(contents, title, live=live),
        sections.filters(),
        main,
        element("script", Html(script.text)),
        data_live=_REFRESH if live else None,
    )
    return joined([Html("<!DOCTYPE html>\n"), element("html", head, "\n", body, lang="en"), "\n"])


def _data(contents: Contents, days: Days) -> Html:
    """Return what the page's script knows: what can be chosen, the counts, and the measures."""
    jobs, counts = contents.jobs, contents.jobs.counts
    states = {each.state for each in counts} | {each.state for each in contents.events.shown}
    states |= {each.status for each in contents.kept.points.shown}
    # Those of all that is shown, too: a choice for each, whatever is known of the homes.
    places = {(each.account, each.region) for each in counts}
    places |= {(each.account, each.region) for each in contents.events.shown}
    places |= {*contents.homes}
    options = {
        "account": sorted({account for account, _ in places}),
        "region": sorted({region for _, region in places}),
        "kind": sorted({each.kind for each in counts}),
        "state": sorted(states - {""}),
    }
    index = {name: {each: at for at, each in enumerate(of)} for name, of in options.items()}
    numbered = {state: at for at, state in enumerate(days.states)}
    first = days.days[0] if days.days else 0
    known = [
        [
            # Days before the chart's count for the totals.
            (each.day - first) // drawing.DAY if each.day >= first else -1,
            numbered[each.state],
            each.jobs,
            index["account"][each.account],
            index["region"][each.region],
            index["kind"][each.kind],
        ]
        for each in counts
    ]
    place = drawing.row(0)
    scale = figures.scale_of(jobs.folded.shown)
    return data(
        "data",
        {
            "options": options,
            "states": days.states,
            "counts": known if len(known) <= figures.MOST_COUNTS else None,
            "tallest": figures.TALLEST,
            "head": drawing.HEAD,
            "row": drawing.ROW,
            "middle": place.middle - place.top,
            "scale": [scale.first, scale.last, scale.margin],
            "steps": drawing.STEPS,
        },
    )
