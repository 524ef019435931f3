"""What the demo adds to synthetic sessions: an account with tasks and conversations, and a Claude Code of its own."""
