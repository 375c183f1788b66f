"""The Regions that the installed botocore knows, and a warning for one that it does not."""

from __future__ import annotations

import functools

from fakebackup.errors import near, warn


@functools.cache
def _listed_in(document: str) -> frozenset[str]:
    """Return the Regions, of every partition, in a list of botocore's; none where there is none."""
    from botocore.exceptions import DataNotFoundError
    from botocore.loaders import Loader

    try:
        partitions = Loader().load_data(document)["partitions"]
    except DataNotFoundError:
        return frozenset()
    return frozenset(region for each in partitions for region in each["regions"])


def known() -> frozenset[str]:
    """Return the names of all Regions that botocore knows; none where it has no list of them."""
    return _listed_in("partitions") | _listed_in("endpoints")


def unknown(region: str) -> str:
    """Return a sentence about a Region that botocore does not know, or "" for another one."""
    # The other list is long, and older botocores have Regions in it alone.
    if region in _listed_in("partitions") or not known() or region in known():
        return ""
    from botocore import __version__

    # A pseudo Region such as aws-global has no clients of AWS Backup.
    names = sorted(each for each in known() if each[-1].isdigit())
    return f"the installed botocore {__version__} knows no such Region{near(region, names) or '.'}"


def check(seen: set[str], region: str, what: str) -> None:
    """Warn of a Region that botocore does not know: a misspelt one would look like an empty one.

    Args:
        seen: the Regions of a fake that are not to be checked; this one is added.
        region: the Region.
        what: what names it, for the message.

    Raises:
        FakeBackupWarning: the user's filters make errors of warnings; the next use does not warn.
    """
    if region in seen:
        return
    seen.add(region)
    if said := unknown(region):
        warn(
            f"{what} {region!r}, but {said} AWS would have no host there, so a client's call would "
            f"end in an EndpointConnectionError; the fake answers all the same, as for a Region "
            f"that holds nothing yet. If AWS has it by now, a newer botocore knows it. This is "
            f"said once."
        )
