"""What AWS Backup knows and how it answers: pure Python, without events, transports or pytest."""
