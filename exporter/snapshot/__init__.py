"""What the native dashboard shows: the last 24 hours of sessions, tools, tasks and costs."""
