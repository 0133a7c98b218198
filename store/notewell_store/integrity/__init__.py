"""Whether a store is whole and ready: every revision by its checksum, all that is derived, and figures of it."""
