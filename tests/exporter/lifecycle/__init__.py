"""Moves, backups and services."""
