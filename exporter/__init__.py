"""The read side: hook logs and transcripts in, exact numbers out."""
