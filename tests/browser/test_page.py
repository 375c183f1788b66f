"""The page in a real browser: it shows every job, filters, keeps text as text, and asks nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from fakebackup.commands import example
from fakebackup.pages import files
from support.browser import HOST, shown_rows
from support.constants import REGION

if TYPE_CHECKING:
    from fakebackup import FakeBackup
    from support.browser import Browser

pytestmark = pytest.mark.fake_backup(region=REGION, history=None)

MARKUP = "<img src=http://elsewhere.test/x onerror=document.title='run'><script>alert(1)</script>"
ONCE = [f"GET http://{HOST}/page"]


def test_every_seeded_job_is_shown(browser: Browser, backup: FakeBackup) -> None:
    """All jobs of the example month are visible, in the table and on the timeline."""
    example.seed(backup)
    browser.pages["/page"] = files.text(backup.backend)
    dom = browser.seen("/page")
    ids = list(backup.backend.organization.jobs.by_id)
    rows = shown_rows(dom, "jobs")
    assert len(rows) == len(ids)
    assert all(sum(job_id in row for row in rows) >= 1 for job_id in ids)
    groups = re.findall(r'<g class="row"[^>]*>', dom)
    assert len(groups) == len(ids)
    assert not any("hidden" in group for group in groups)
    assert f"{len(ids)} jobs shown" in dom
    # The form of filters is for the script, which ran.
    assert re.search(r'<form aria-label="Filters">', dom)
    assert browser.asked == ONCE


@pytest.mark.parametrize(
    ("chosen", "passes"),
    [
        ("#state=FAILED", lambda job: job["State"] == "FAILED"),
        ("#account=111122223333", lambda job: job["AccountId"] == "111122223333"),
        ("#region=eu-north-1", lambda job: job.region == "eu-north-1"),
        ("#text=Token+EXPIRED.", lambda job: "Token expired." in job.get("StatusMessage", "")),
        ("#kind=copy+job", lambda job: job.kind.name == "copy job"),
        (
            "#account=123456789012&state=FAILED&text=billing",
            lambda job: (
                job["AccountId"] == "123456789012"
                and job["State"] == "FAILED"
                and "billing" in job["ResourceArn"]
            ),
        ),
        ("#state=NEVER", lambda _job: False),
    ],
)
def test_filters(browser: Browser, backup: FakeBackup, chosen: str, passes: object) -> None:
    """A filter that the address has shows what passes it, in table, timeline and chart."""
    assert callable(passes)
    example.seed(backup)
    backup.at(region="eu-north-1").add_backup_job()
    backup.add_copy_job()
    browser.pages["/page"] = files.text(backup.backend)
    dom = browser.seen("/page", hash_=chosen)
    jobs = backup.backend.organization.jobs.by_id.values()
    wanted = {job.id for job in jobs if passes(job)}
    rows = shown_rows(dom, "jobs")
    assert len(rows) == len(wanted)
    assert all(any(f"job {job_id}" in row for row in rows) for job_id in wanted)
    groups = re.findall(r'<g class="row"[^>]*>', dom)
    tops = [
        int(match[1])
        for group in groups
        if " hidden" not in group and (match := re.search(r"translate\(0 (\d+)\)", group))
    ]
    assert len(tops) == len(wanted)
    # The rows that are left close up.
    assert tops == [tops[0] + 34 * n for n in range(len(tops))] if tops else True
    totals = sum(map(int, re.findall(r'data-total="\d+">(\d+)<', dom)))
    assert totals == len(wanted) or "text=" in chosen
    assert browser.asked == ONCE


def test_markup_stays_text(browser: Browser, backup: FakeBackup) -> None:
    """Markup in a StatusMessage is read as it was written; nothing runs, nothing is loaded."""
    backup.add_backup_job(State="FAILED", StatusMessage=MARKUP)
    browser.pages["/page"] = files.text(backup.backend)
    dom = browser.seen("/page")
    [row] = shown_rows(dom, "jobs")
    assert MARKUP in row
    assert "<img" not in dom
    assert "<title>fakebackup: what happened</title>" in dom
    assert browser.asked == ONCE


def test_the_policy_holds(browser: Browser, backup: FakeBackup) -> None:
    """Were there markup in the page all the same, it would neither run nor load anything."""
    page = files.text(backup.backend)
    broken = (
        "<h1>x</h1><script>document.title = 'run'</script><img src=http://elsewhere.test/i>"
        "<iframe src=http://elsewhere.test/f></iframe>"
        "<link rel=stylesheet href=http://elsewhere.test/s>"
    )
    browser.pages["/page"] = page.replace("<h1>", broken + "<h1>", 1)
    assert "<title>fakebackup: what happened</title>" in browser.seen("/page")
    assert browser.asked == ONCE


def test_requests_are_counted(browser: Browser) -> None:
    """What a page without a policy loads is seen by the count: it would be seen above."""
    browser.pages["/page"] = (
        "<script>document.title='run'</script><img src=http://elsewhere.test/i>"
    )
    assert "<title>run</title>" in browser.seen("/page")
    assert "GET http://elsewhere.test/i" in browser.asked


@pytest.mark.parametrize("width", [400, 1000])
def test_nothing_sticks_out(browser: Browser, backup: FakeBackup, width: int) -> None:
    """At 400 pixels as at 1000 the page is no wider than its window."""
    example.seed(backup)
    backup.add_backup_job(State="FAILED", StatusMessage="long" * 60, ResourceArn=None)
    browser.pages["/page"] = files.text(backup.backend)
    # Chromium's own window is never so narrow; a frame is.
    browser.pages["/frame"] = (
        f"<iframe src=/page width={width} height=900 style=border:0></iframe><script>"
        "onload = () => { const page = document.querySelector('iframe').contentDocument;"
        "document.title = page.documentElement.scrollWidth + ' ' + page.title; }</script>"
    )
    dom = browser.seen("/frame", width=1200)
    assert f"<title>{width} fakebackup: what happened</title>" in dom
