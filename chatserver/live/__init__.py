"""Live metrics: a snapshot is serialized once, and written to all streams."""
