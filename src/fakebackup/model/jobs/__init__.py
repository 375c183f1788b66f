"""Jobs of all kinds: their tables, defaults, states and stores."""
