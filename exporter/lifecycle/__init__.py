"""What happens to hookmeter's data between installing and removing it: moves, backups, services."""
