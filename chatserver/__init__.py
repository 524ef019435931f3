"""The server, through which people assign tasks to agents. It may import the exporter, never the reverse."""
