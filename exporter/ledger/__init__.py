"""What has been counted so far, and up to which byte: one SQLite file, one transaction for both."""
