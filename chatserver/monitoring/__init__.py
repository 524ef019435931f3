"""The metrics of the server about itself."""
