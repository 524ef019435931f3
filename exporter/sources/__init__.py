"""Everything that is read: files, lines, formats, calls."""
