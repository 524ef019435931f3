"""The migrations of the database to the current schema."""
