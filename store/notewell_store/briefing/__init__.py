"""What a session should know first, made from one snapshot of a store.

These modules, and what they ask, hold their rows as named tuples: a hook that starts with every session pays for each
import, and dataclasses cost it a third of what it may take. See decision 0011.
"""
