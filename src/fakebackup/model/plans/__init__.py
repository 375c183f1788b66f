"""The documents of backup plans, selections and restore testing plans, and schedules."""
