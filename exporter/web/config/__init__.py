"""The web configuration file: TLS, basic authentication, rate limit."""
