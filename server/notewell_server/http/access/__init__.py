"""Who calls over HTTP, and with which rights."""
