"""The reports of AWS Backup Audit Manager: when they are made, and what stands in them."""
