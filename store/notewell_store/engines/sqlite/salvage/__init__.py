"""Saving what a damaged file still holds: rows read from its pages, verified by their checksums, in a new store."""
