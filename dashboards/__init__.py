"""Dashboards and alerts as code; they meet the exporter only in metric names."""
