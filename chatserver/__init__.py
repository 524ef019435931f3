"""The act side: the server through which people give agents tasks; it may import the exporter, never the reverse."""
