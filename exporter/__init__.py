"""The read side: hook logs in, exact numbers out."""
