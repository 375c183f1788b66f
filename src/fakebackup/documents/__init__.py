"""Documents: answers, recordings and dumps, of which a fake is filled, and the dumps it writes."""
