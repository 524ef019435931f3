"""Every rule of what counts as what, and the totals that result."""
