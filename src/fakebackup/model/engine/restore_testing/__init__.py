"""Restore testing plans that run: what they restore, their jobs, and what follows a restore."""
