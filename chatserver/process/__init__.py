"""Processes: the gunicorn app, its worker, and the supervisor that keeps exporter and server running."""
