"""What AWS says of what happens: events and SNS notifications."""
