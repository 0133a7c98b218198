"""SQLite: one file, a write lock and a commit log beside it, FTS5, and temporary views before the tables."""
