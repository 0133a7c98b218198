"""What stands before the handlers of the HTTP door."""
