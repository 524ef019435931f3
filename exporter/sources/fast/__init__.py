"""The fast path of a cold start."""
