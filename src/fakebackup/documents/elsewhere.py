"""Loads of another account or Region than the fake's: its own clients will not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import errors

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fakebackup.model.resources.arns import Home

_ACCOUNT = (
    "What was loaded lies in {theirs}, and the clients of this fake act in {account}, so they will "
    "not see it: make the fake of that account, mock_backup({options}) or "
    "@pytest.mark.fake_backup({options}), or let clients act in it inside "
    "`with backup.acting_as({other!r}):`. Loaded by backup.at(account_id={other!r}).load(...), it "
    "is meant to lie there, and no warning says so."
)
_REGION = (
    "What was loaded lies in {theirs}, and the Region of this fake is {region}, so only clients of "
    "another Region see it: make the fake of that Region, mock_backup({options}) or "
    "@pytest.mark.fake_backup({options}), or the clients, "
    "boto3.client('backup', region_name={other!r}). Loaded by "
    "backup.at(region={other!r}).load(...), it is meant to lie there, and no warning says so."
)


def warn(homes: Collection[Home], accounts: Sequence[str], regions: Sequence[str]) -> None:
    """Warn once of a load that the clients of a fake see nothing of.

    Args:
        homes: where all that was loaded lies.
        accounts: the account of the fake, and others that the test has said it looks at.
        regions: the Regions that the test has said so of, the fake's first; none where it has
            said nothing: its clients name their own then.
    """
    known = [each for each in homes if each.account in accounts]
    if homes and not known:
        others = sorted({each.account for each in homes})
        within = sorted({each.region for each in homes if each.account == others[0]})
        options = f"account_id={others[0]!r}"
        if regions and regions[0] not in within:
            options += f", region={within[0]!r}"
        theirs = _listed("account", others)
        errors.warn(
            _ACCOUNT.format(theirs=theirs, account=accounts[0], options=options, other=others[0])
        )
    elif homes and regions and not {each.region for each in known} & {*regions}:
        others = sorted({each.region for each in known})
        options = f"region={others[0]!r}"
        theirs = _listed("Region", others)
        errors.warn(
            _REGION.format(theirs=theirs, region=regions[0], options=options, other=others[0])
        )


def _listed(what: str, names: list[str]) -> str:
    return f"{what}{'s' if len(names) > 1 else ''} {', '.join(errors.few(names))}"
