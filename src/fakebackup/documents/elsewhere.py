"""Loads of another account or Region than the fake's: its own clients will not see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup import errors
from fakebackup.model.jobs.kinds import BACKUP, COPY, RESTORE, SCAN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fakebackup.model.resources.arns import Home
    from fakebackup.model.stores.organization import Organization

_ACCOUNT = (
    "What was loaded lies in {theirs}, and the clients of this fake act in {account}, so they will "
    "not see it: make the fake of that account, mock_backup({options}) or "
    "@pytest.mark.fake_backup({options}), or let clients{of_region} act in it inside "
    "`with backup.acting_as({other!r}):`. Loaded by backup.at(account_id={other!r}).load(...), it "
    "is meant to lie there, and no warning says so."
)
_REGION = (
    "What {loaded} lies in {theirs}, and the Region of this fake is {region}, so only clients of "
    "another Region see it{by}: make the fake of that Region, mock_backup({options}) or "
    "@pytest.mark.fake_backup({options}), or the clients, "
    "boto3.client('backup', region_name={other!r}). Loaded by "
    "backup.at(region={other!r}).load(...), it is meant to lie there, and no warning says so."
)

_BY_ACCOUNT = (BACKUP, COPY, RESTORE, SCAN)
"""The kinds of job whose lists and summaries show a management account those of others."""


def sees(organization: Organization, account: str, home: Home) -> bool:
    """Return whether clients of an account see anything of a home, if they are of its Region."""
    if account == home.account:
        return True
    store = organization.stores.get(home)
    if store is None:
        return False
    jobs = organization.manages(account) and any(map(store.jobs.count, _BY_ACCOUNT))
    return jobs or any(vault.is_shared for vault in store.vaults_so_far())


def warn(
    organization: Organization,
    homes: Collection[Home],
    accounts: Sequence[str],
    regions: Sequence[str],
) -> None:
    """Warn once of a load that the clients of a fake see nothing of.

    Args:
        organization: the organisation, which holds what was loaded.
        homes: where all that was loaded lies.
        accounts: the account of the fake, and others that the test has said it looks at.
        regions: the Regions that the test has said so of, the fake's first; none where it has
            said nothing: its clients name their own then.
    """
    seen = [each for each in homes if any(sees(organization, one, each) for one in accounts)]
    if homes and not seen:
        others = sorted({each.account for each in homes})
        within = sorted({each.region for each in homes if each.account == others[0]})
        options, of_region = f"account_id={others[0]!r}", ""
        if regions and regions[0] not in within:
            options += f", region={within[0]!r}"
            of_region = f" of {within[0]}"
        errors.warn(
            _ACCOUNT.format(
                theirs=_listed("account", others),
                account=accounts[0],
                options=options,
                of_region=of_region,
                other=others[0],
            )
        )
    elif homes and regions and not {each.region for each in seen} & {*regions}:
        own = [each for each in seen if each.account in accounts]
        others = sorted({each.region for each in own or seen})
        errors.warn(
            _REGION.format(
                loaded="was loaded"
                if len(seen) == len(homes)
                else "clients see of what was loaded",
                theirs=_listed("Region", others),
                region=regions[0],
                by="" if own else ", by what shows other accounts' too, as ByAccountId does",
                options=f"region={others[0]!r}",
                other=others[0],
            )
        )


def _listed(what: str, names: list[str]) -> str:
    return f"{what}{'s' if len(names) > 1 else ''} {', '.join(errors.few(names))}"
