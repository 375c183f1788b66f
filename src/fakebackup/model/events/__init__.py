"""The contents of EventBridge events and SNS notifications, and the event bus."""
