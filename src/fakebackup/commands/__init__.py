"""What `python -m fakebackup ...` does: a module for each command."""
