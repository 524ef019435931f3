"""All counting rules, and the totals that they produce."""
