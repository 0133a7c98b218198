"""Copying a store into another place, on any engine: all that it holds, from one moment of it."""
