"""The rows of settings: of an account in a Region, and of an organisation."""

from __future__ import annotations

from fakebackup.model.stores.entries import GLOBAL_SETTINGS, REGION_SETTINGS
from fakebackup.nouns.noun import EntrySchema, Noun

REGION = Noun(
    name=REGION_SETTINGS,
    schema=EntrySchema(
        name="Region's settings",
        described="DescribeRegionSettingsOutput",
        item="DescribeRegionSettingsOutput",
        typed="RegionSettings",
    ),
    describe="DescribeRegionSettings",
)

ORGANIZATION = Noun(
    name=GLOBAL_SETTINGS,
    schema=EntrySchema(
        name="organisation's settings",
        described="DescribeGlobalSettingsOutput",
        item="DescribeGlobalSettingsOutput",
        typed="GlobalSettings",
    ),
    describe="DescribeGlobalSettings",
)
