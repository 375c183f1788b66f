"""A report: taken when its job completes, and written when it is looked at.

What is taken are the members of jobs, which are replaced and never changed, so that a report goes
on saying what was so when it was made.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

from fakebackup.model.jobs import life
from fakebackup.model.reports import compliance, jobs
from fakebackup.model.stores.organization import store_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fakebackup.model.jobs.job import Job
    from fakebackup.model.reports.jobs import Column
    from fakebackup.model.reports.period import Period
    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization, Store

    Row = Mapping[str, Any]

_ALL = "*"
_ROOT = "ROOT"


@dataclasses.dataclass
class Report:
    """The report of a job, which is taken when the job completes, as `JobRequest.then`.

    Its attributes are replaced, never changed in place.

    Attributes:
        home: the account and the Region that its plan lies in.
        setting: the ReportSetting of its plan, as it was when the job started.
        formats: the formats that it is written in.
        period: the time that it is about.
        taken: what its rows are written from; None until it is taken.
    """

    home: Home
    setting: Mapping[str, Any]
    formats: Sequence[str]
    period: Period
    taken: list[Any] | None = None

    def __call__(self, job: Job, at: int) -> None:
        """Take the report, if the job has completed."""
        if job.kept_state in life.SUCCESSFUL and self.taken is None:
            taken: list[Any] = []
            for store in self._stores(store_of(job).organization):
                if self.template in jobs.TEMPLATES:
                    taken += jobs.take(store, self.template, self.period)
                else:
                    taken += compliance.take(store, self.setting, at)
            self.taken = taken
            self._deliver(job)

    def _deliver(self, job: Job) -> None:
        """Deliver the files to the mock that the fake stands beside, if there is one."""
        store = store_of(job)
        neighbour, destination = store.organization.neighbour, job.members.get("ReportDestination")
        if neighbour is not None and destination is not None:
            files = self.files(destination.get("S3Keys", ()))
            neighbour.note_report(store.home, destination["S3BucketName"], files)

    @property
    def template(self) -> str:
        """The template of the report."""
        return str(self.setting["ReportTemplate"])

    @property
    def is_made(self) -> bool:
        """Whether the report is there."""
        return self.taken is not None

    def _stores(self, organization: Organization) -> Iterator[Store]:
        """Yield the stores that it covers: the plan's, or those of its accounts and Regions.

        A management account alone sees other accounts [assumed]. The fake knows no organizational
        units: one stands for all accounts [assumed].
        """
        setting = self.setting
        accounts, regions = setting.get("Accounts", ()), setting.get("Regions", ())
        every = _ROOT in accounts or bool(setting.get("OrganizationUnits"))
        managing = organization.manages(self.home.account)
        for home, store in sorted(organization.stores.items()):
            own = home.account == self.home.account
            asked = every or home.account in accounts if every or accounts else own
            there = home.region in regions or _ALL in regions if regions else False
            if (
                asked
                and (own or managing)
                and (there or (not regions and home.region == self.home.region))
            ):
                yield store

    def files(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the texts of its files by S3 key.

        Args:
            keys: the S3 keys of the job, one for each format.
        """
        columns, rows = self._table()
        return {
            key: _WRITERS[each](columns, rows)
            for key, each in zip(keys, self.formats, strict=False)
        }

    def _table(self) -> tuple[list[str], Sequence[Row]]:
        taken = self.taken or []
        if self.template in jobs.TEMPLATES:
            table: Sequence[Column] = jobs.TEMPLATES[self.template].columns
            rows = [jobs.row(table, each, self.period.written) for each in taken]
            return [column.name for column in table], rows
        return list(compliance.COLUMNS[self.template]), compliance.rows(self.template, taken)


# --- Files ----------------------------------------------------------------------------------


def _csv(columns: Iterable[str], rows: Iterable[Row]) -> str:
    """Return a CSV file; its columns are named as those of JSON [assumed]."""
    names, text = list(columns), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _json(_columns: Iterable[str], rows: Iterable[Row]) -> str:
    return json.dumps({"reportItems": [dict(row) for row in rows]}, indent=2) + "\n"


_WRITERS = {"CSV": _csv, "JSON": _json}
