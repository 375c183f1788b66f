"""Documents of backup plans, selections and restore testing plans, and schedules."""
