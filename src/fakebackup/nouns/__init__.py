"""The nouns of which an account keeps entries: how each is seeded and looked at."""
