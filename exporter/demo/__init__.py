"""A synthetic sample for people who want to look first."""
