"""The exporter at work: its process, its reading thread and its metrics page."""
