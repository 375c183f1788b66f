"""A page that shows what happened in a fake: read at once, drawn, and written as one HTML file.

Nothing imports it but what a user asks for: `FakeBackup.report`, `--fake-backup-report` of the
plugin, the command `report`, and the server's console.
"""
