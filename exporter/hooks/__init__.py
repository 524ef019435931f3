"""The recorder and the status line that Claude Code runs, and their installation in its settings."""
