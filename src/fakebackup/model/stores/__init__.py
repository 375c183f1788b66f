"""The state of a fake: stores per account and Region, and what they share."""
