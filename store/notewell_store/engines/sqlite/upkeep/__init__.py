"""Looking after a store's file: the doctor, backups, and putting one back."""
