"""What a secret is: by its name, by its shape, or by what surrounds it."""
