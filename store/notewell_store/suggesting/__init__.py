"""What stands near a note already, and what notes like it have: told to whoever writes, applied by nobody."""
