"""What AWS Backup knows: pure Python, without events, transports or pytest."""
