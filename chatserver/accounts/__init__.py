"""Who may use the server: people, their passwords, and the tokens that they get for them."""
