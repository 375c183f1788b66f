"""The commands of `python -m fakebackup ...`, a module each."""
