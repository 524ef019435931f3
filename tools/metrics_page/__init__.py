"""Generator of docs/metrics.md: the metrics as the code declares them, with labels explained and example queries."""
