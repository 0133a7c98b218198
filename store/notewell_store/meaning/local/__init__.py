"""A model on this machine: in one process for all sessions of a user, for each has not the memory to hold it."""
