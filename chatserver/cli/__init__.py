"""The command line: `hookmeter` with everything that reads and everything that acts."""
