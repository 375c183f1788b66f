"""The model of AWS Backup: what it holds and how it lives, without clients or pytest."""
