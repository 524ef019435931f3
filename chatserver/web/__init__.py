"""What applies to every request: origins, authentication, headers, errors and counting."""
