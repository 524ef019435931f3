"""Full-text search over prompts, commands, file paths, errors and answers."""
