"""Tasks: what people give agents to do, and the Claude Code processes that do it."""
