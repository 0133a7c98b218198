"""The record of reads: what agents and people read and searched for, beside the store, and what it tells.

`record` writes it, `sums` reads it back. See docs/decisions/0087.
"""

KEEP_DAYS = 90
LARGEST_FILE = 2_000_000
MOST_BYTES = 20_000_000
"""Bytes of one file, and of all: some two hundred thousand lines."""
LONGEST_QUERY = 200
LONGEST_WHO = 100
"""Characters of them."""
