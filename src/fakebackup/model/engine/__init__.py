"""What moves, and what follows from a move."""
