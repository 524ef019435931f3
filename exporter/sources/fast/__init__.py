"""The fast path of a cold start; `new_session` is its only entry point, and both paths give the same numbers."""
