"""What Claude Code calls: the recorder, and its place in the settings."""
