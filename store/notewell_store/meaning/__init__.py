"""What texts mean, as vectors: who makes them, how they are kept small, and what they add to a search."""
