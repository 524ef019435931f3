"""Live metrics: one snapshot, serialized once and written to every stream."""
