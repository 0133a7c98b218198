"""Full-text search: the question, the candidates that an index proposes, and what weighs and shows them."""
