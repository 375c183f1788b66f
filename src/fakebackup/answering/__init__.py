"""What operations share: the caller, pages, summaries, lists, look-ups and their errors."""
