"""`python -m fakebackup report`: write the page of the example month, or of a loaded account."""

from __future__ import annotations

import json
import sys

from fakebackup.commands import example, seeds
from fakebackup.commands.messages import complain
from fakebackup.errors import number_of
from fakebackup.fake import FakeBackup
from fakebackup.options import configured_region


def run(path: str, *, seed: str | None, as_json: bool) -> int:
    """Write the page and return the exit status: 0, or 2 where nothing is written.

    Args:
        path: the file to write.
        seed: a file or folder that `FakeBackup.load` takes; None is the example month.
        as_json: whether what was done is told as a JSON document, for programs.
    """
    try:
        found = seeds.read(seed)
        account, home = seeds.account_of(found), seeds.home_of(found)
        region = example.REGION if seed is None else home.region if home else configured_region()
        with FakeBackup(account_id=account, region=region, history=None) as backup:
            seeds.fill(backup, seed)
            written = backup.report(path)
            jobs = len(backup.backend.organization.jobs.by_id)
    except OSError as error:
        return complain(error, path)
    except (TypeError, ValueError) as error:
        return complain(error)
    if as_json:
        summary = {"file": str(written), "account_id": account, "region": region, "jobs": jobs}
        sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    else:
        what = "the example month" if seed is None else seed
        sys.stdout.write(f"{written}: {number_of(jobs, 'job')} of {what}. Open it in a browser.\n")
    return 0
