"""Jobs of all kinds: what one is, and how they are kept in order."""
