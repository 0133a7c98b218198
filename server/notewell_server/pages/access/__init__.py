"""Who comes in to the pages, and which of their requests are meant."""
