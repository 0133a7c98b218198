"""How notes change: a change becomes a draft, and a draft a revision, by one pipeline."""
