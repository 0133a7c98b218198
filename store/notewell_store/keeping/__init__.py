"""Keeping and getting back: is a store whole, copies of it, putting one back, saving what a damaged one holds."""
