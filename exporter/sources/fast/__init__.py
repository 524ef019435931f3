"""The fast path of a cold start; `new_session` is its only door, and both paths give the same numbers."""
