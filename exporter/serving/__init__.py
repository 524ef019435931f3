"""The running exporter: its process, its reader thread and its metrics page."""
