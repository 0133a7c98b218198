"""What a store is full of, so that one note stands out by its meaning."""

from __future__ import annotations

SUBJECTS = (
    "apples",
    "bees",
    "candles",
    "drums",
    "engines",
    "ferns",
    "guitars",
    "hats",
    "islands",
    "jackets",
    "kettles",
    "lamps",
    "maps",
    "nails",
    "oceans",
    "paintings",
    "quilts",
    "rivers",
    "stones",
    "towers",
    "umbrellas",
    "valleys",
    "windows",
    "yards",
    "zebras",
)
"""Each of a note of its own."""
ASKED = "whom may we sack today"
"""Shares no word with the note that it is answered by: terminate the contract in writing."""
