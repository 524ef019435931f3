"""Every alert's cases, by subject: when it fires, with the words that it says then, and when it does not."""
