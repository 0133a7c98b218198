"""What is done for a database as a whole: the doctor, readiness, erasing, backups."""
