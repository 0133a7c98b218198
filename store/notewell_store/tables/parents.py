"""Notes below notes. Imports little, for the session's hook."""

CHILDREN = "(SELECT id FROM main.notes WHERE parent_id = ?)"

CHILD = f"n.id IN {CHILDREN}"
"""Of the notes `n` that are seen, those whose parent is a note that is seen. Where not all is seen parents are worked
out, and have no index."""
