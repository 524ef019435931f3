"""Dashboards and alerts as code. Metric names are all that this package shares with the exporter."""
