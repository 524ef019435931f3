"""The command line: `hookmeter` with the commands of the exporter and the server."""
