"""Readers of all input: files, lines, log formats, tool calls, transcripts."""
