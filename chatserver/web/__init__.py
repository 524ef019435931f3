"""What every request passes: origins, authentication, headers, errors."""
