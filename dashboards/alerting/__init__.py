"""The alerts, one file a subject."""
