"""The metrics endpoint: HTTP, TLS, basic auth."""
