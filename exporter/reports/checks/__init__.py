"""The checks of `hookmeter doctor`, a subject per file."""
