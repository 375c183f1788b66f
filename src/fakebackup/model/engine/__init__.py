"""The engine: what starts and moves jobs, and what follows from a move."""
