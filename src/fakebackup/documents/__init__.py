"""Documents: what a fake can be filled with, and written to."""
