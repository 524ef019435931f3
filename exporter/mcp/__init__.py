"""The answers of the commands for agents, by the Model Context Protocol: read-only and redacted."""
