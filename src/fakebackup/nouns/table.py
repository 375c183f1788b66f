"""The table of nouns: a row for each of which an account keeps entries.

Checks are those of the nouns' Create operations, ids and ARNs have the forms that those give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakebackup.nouns import audit, backup_plans, legal_holds, restore_tests, settings, vaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakebackup.nouns.noun import Noun

NOUNS: Mapping[str, Noun] = {
    noun.name: noun
    for noun in (
        backup_plans.PLAN,
        backup_plans.SELECTION,
        audit.FRAMEWORK,
        audit.REPORT_PLAN,
        legal_holds.LEGAL_HOLD,
        restore_tests.TESTING_PLAN,
        restore_tests.TESTING_SELECTION,
        vaults.TIERING,
        vaults.ACCESS_POINT,
        settings.REGION,
        settings.ORGANIZATION,
    )
}
"""The nouns, by the names by which stores keep their entries; a part comes after its whole."""
