"""The data of the native dashboard: sessions, tools, tasks and costs of the last 24 hours."""
