"""All that a fake holds, without behaviour."""
