"""How the page looks in a browser: zoomed, printed, dark, by the keyboard, without its script."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from fakebackup.commands import example
from fakebackup.pages import files
from support.browser import HOST, shown_rows
from support.constants import NOW, REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup
    from support.browser import Browser

pytestmark = [pytest.mark.frozen(NOW), pytest.mark.fake_backup(region=REGION, history=None)]

DAYS, MINUTES = 30, 10


@pytest.fixture
def month(backup: FakeBackup) -> FakeBackup:
    """A fake with a month of jobs that took ten minutes each."""
    for day in range(DAYS, 0, -1):
        begun = NOW - timedelta(days=day)
        backup.add_backup_job(CreationDate=begun, CompletionDate=begun + timedelta(minutes=MINUTES))
    return backup


def measured(browser: Browser, backup: FakeBackup, script: str, frame: str = "") -> Any:
    """What a script finds in the page, which is shown in a frame: `page` is its document."""
    browser.pages["/page"] = files.text(backup.backend)
    browser.pages["/frame"] = (
        f"<iframe src=/page width=1000 height=900 style=border:0 {frame}></iframe><script>"
        "const all = (media) => { for (const rule of page.styleSheets[0].cssRules)"
        "  if (rule.media && rule.media.mediaText.includes(media)) rule.media.mediaText = 'all'; };"
        "const box = (selector) => page.querySelector(selector).getBoundingClientRect();"
        "const style = (selector) => frame.getComputedStyle(page.querySelector(selector));"
        "let page, frame; onload = () => { frame = document.querySelector('iframe').contentWindow;"
        f"page = frame.document; document.title = JSON.stringify((() => {{ {script} }})()); }}"
        "</script>"
    )
    dom = browser.seen("/frame", width=1200)
    found = re.search(r"<title>(.*?)</title>", dom)
    assert found is not None
    return json.loads(unescape(found[1]))


# --- Zoom ---------------------------------------------------------------------------------------

ZOOM = """
    const bar = (group) => group.querySelector("rect.fill").getBoundingClientRect();
    const press = (times) => page.querySelector(`[data-zoom="${times}"]`).click();
    const rows = page.querySelectorAll("g.row"), seen = box(".tall");
    const look = (row) => ({
        left: bar(rows[row]).left - seen.left, wide: bar(rows[row]).width,
        ticks: [...page.querySelectorAll("text.tick")].filter((each) => {
            const { left, right, top } = each.getBoundingClientRect();
            return left > seen.left && right < seen.right && top >= seen.top && top < seen.top + 22;
        }).map((each) => each.textContent),
        width: box("svg.timeline").width,
    });
"""


def test_a_bar_of_minutes_in_a_month(browser: Browser, month: FakeBackup) -> None:
    """Zoomed, a bar is to scale and stays in view, under ticks that say day and time."""
    found = measured(
        browser,
        month,
        ZOOM + "const found = [look(0)]; for (let n = 0; n < 4; n++) { press(4); "
        "found.push(look(0)); } press(0.25); found.push(look(0)); press(0); found.push(look(0));"
        "return found;",
    )
    whole = DAYS * 24 * 60
    for times, each in zip((1, 4, 16, 64, 256, 64, 1), found, strict=True):
        assert each["width"] == pytest.approx(found[0]["width"] * times, abs=1)
        # From the first creation to the last end; four per cent are margins.
        scale = each["width"] * 0.96 / (whole - 24 * 60 + MINUTES)
        # Lines along its edges make it 2 pixels wider.
        assert each["wide"] == pytest.approx(MINUTES * scale, abs=2.1)
        assert 0 <= each["left"] < 990
        assert len(each["ticks"]) >= 2
    assert found[0]["ticks"][0] == "02-15"
    assert re.fullmatch(r"02-\d\d \d\d:\d\d", found[4]["ticks"][0])
    assert found[4]["wide"] > 50
    assert found[0] == found[-1]


def test_zoom_stays_where_it_was_scrolled(browser: Browser, month: FakeBackup) -> None:
    """What is zoomed is what was in view, at whichever rows, and its ticks are in view, too."""
    found = measured(
        browser,
        month,
        ZOOM + "page.querySelector('.tall').scrollTop = 34 * 10 + 8;"
        "page.querySelector('.tall').onscroll();"
        "const before = look(10); press(4); press(4); return [before, look(10)];",
    )
    before, after = found
    assert after["left"] == pytest.approx(before["left"], abs=2)
    assert after["ticks"]


def test_a_filter_leaves_the_zoom(browser: Browser, month: FakeBackup) -> None:
    """A filter hides rows, and the scale stays."""
    job = month.add_backup_job(State="FAILED")
    found = measured(
        browser,
        month,
        ZOOM + "press(4); const field = page.querySelector('form').elements.state;"
        "field.value = 'FAILED'; field.dispatchEvent(new Event('input', { bubbles: true }));"
        "return [box('svg.timeline').width, page.querySelectorAll('g.row:not([hidden])').length];",
    )
    assert found[1] == 1
    assert found[0] > 3000
    assert job["State"] == "FAILED"


# --- Paper and colours --------------------------------------------------------------------------


def test_on_paper(browser: Browser, month: FakeBackup) -> None:
    """Everything is printed that is scrolled on a screen, zoomed or not, and no controls."""
    found = measured(
        browser,
        month,
        ZOOM + "press(4); all('print'); const tall = page.querySelector('.tall');"
        "return { form: style('form').display, nav: style('nav').display,"
        " button: page.querySelector('button[data-zoom]').offsetHeight,"
        " hidden: tall.scrollHeight - tall.clientHeight, beside: box('svg.timeline').width - "
        " box('.tall').width, paper: style('body').backgroundColor,"
        " chart: style('svg.chart').breakInside, head: style('#jobs thead').display };",
    )
    assert found == {
        "form": "none",
        "nav": "none",
        "button": 0,
        "hidden": 0,
        "beside": 0,
        "paper": "rgb(255, 255, 255)",
        "chart": "avoid",
        "head": "table-header-group",
    }


def test_the_paper_has_pages(browser: Browser, month: FakeBackup) -> None:
    """It is printed, on several pages."""
    browser.pages["/page"] = files.text(month.backend)
    file = browser.profile.parent / "page.pdf"
    browser.run(f"--print-to-pdf={file}", "--no-pdf-header-footer", f"http://{HOST}/page")
    pages = len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))
    assert 2 <= pages <= 20


def luminance(color: str) -> float:
    """The relative luminance of a colour, as WCAG has it."""
    parts = [int(each) / 255 for each in re.findall(r"\d+", color)[:3]]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return sum(part * each for part, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told(browser: Browser, backup: FakeBackup, scheme: str) -> None:
    """Texts have a contrast of 4.5 on their paper, bars and columns of 3, in either scheme."""
    example.seed(backup)
    found = measured(
        browser,
        backup,
        (f"all('{scheme}');" if scheme == "dark" else "")
        + "const color = (selector, name) => style(selector)[name];"
        "const fills = {}; for (const each of page.querySelectorAll('svg.chart rect'))"
        " fills[each.getAttribute('class')] = frame.getComputedStyle(each).fill;"
        "return { paper: color('body', 'backgroundColor'), panel: color('form', 'backgroundColor'),"
        " texts: ['body', '.soft', 'a', 'th', 'caption'].map((each) => color(each, 'color')),"
        " labels: ['.timeline .row text', '.timeline text.tick', '.chart text'].map("
        "  (each) => color(each, 'fill')), field: color('form label', 'color'), fills };",
    )
    paper = found["paper"]
    assert (luminance(paper) > 0.5) is (scheme == "light")
    assert len(found["fills"]) >= 4
    for text in (*found["texts"], *found["labels"]):
        assert contrast(text, paper) >= 4.5, text
    assert contrast(found["field"], found["panel"]) >= 4.5
    for look, fill in found["fills"].items():
        assert contrast(fill, paper) >= 3, look


# --- Without a pointer, without a script --------------------------------------------------------


def test_by_the_keyboard(browser: Browser, month: FakeBackup) -> None:
    """What can be reached is the contents, the filters, the zoom, the timeline and what unfolds."""
    names = measured(
        browser,
        month,
        "return [...page.querySelectorAll('a,button,input,select,summary,[tabindex]')]"
        ".filter((each) => each.tabIndex >= 0 && each.getClientRects().length)"
        ".map((each) => each.localName + (each.name ? ' ' + each.name : ''));",
    )
    assert names[0] == "a"
    fields = [f"select {name}" for name in ("account", "region", "kind", "state")]
    start = names.index(fields[0])
    assert set(names[:start]) == {"a"}
    assert names[start : start + 6] == [*fields, "input text", "button"]
    assert names[start + 6 : start + 11] == ["summary", "button", "button", "button", "div"]
    # A job is one stop, not two: its bar's label leads to where its row is anyway.
    assert names.count("summary") <= 2 * DAYS + 5


def test_without_the_script(browser: Browser, month: FakeBackup) -> None:
    """Where scripts do not run, all is shown, and no control that would do nothing."""
    found = measured(
        browser,
        month,
        "const shown = (selector) => [...page.querySelectorAll(selector)]"
        ".filter((each) => each.getClientRects().length).length;"
        "return [shown('#jobs tbody tr'), shown('g.row'), shown('text.tick') > 2,"
        " shown('button,input,select'), page.querySelectorAll('g.axis').length];",
        frame="sandbox=allow-same-origin",
    )
    assert found == [DAYS, DAYS, True, 0, 0]


def test_what_would_read_otherwise(browser: Browser, backup: FakeBackup) -> None:
    """An override of the direction is shown as what it is, and a long name leaves the state."""
    backup.add_backup_job(State="FAILED", StatusMessage="\u202eevil\u202c ", ResourceArn=None)
    arn = f"arn:aws:ec2:{REGION}:123456789012:volume/{'x' * 5000}"
    backup.add_backup_job(State="FAILED", ResourceArn=arn)
    browser.pages["/page"] = files.text(backup.backend)
    dom = browser.seen("/page")
    assert "\u202e" not in dom
    assert any("\ufffdevil" in row for row in shown_rows(dom, "jobs"))
    labels = re.findall(r"<text[^>]*>(backup job [^<]*)</text>", dom)
    assert len(labels) == 2
    assert all(label.endswith(" FAILED") and len(label) <= 60 for label in labels)
