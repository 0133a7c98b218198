"""Redacting: a secret that was written down is taken out of revisions for good, and that this was done is kept."""
