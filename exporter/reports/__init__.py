"""Reports for people and for Prometheus: costs, backfill, doctor."""
