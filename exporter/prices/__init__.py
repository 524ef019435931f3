"""Prices: a small table made from genai-prices, and the arithmetic of what a message costs."""
