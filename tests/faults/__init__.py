"""Faults of the machine, injected into real processes: `make faults` runs these tests, `make test` does not."""
