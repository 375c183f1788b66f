"""Backup vaults and the recovery points in them."""
