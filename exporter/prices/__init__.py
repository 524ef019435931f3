"""Prices of models, generated from genai-prices, and the cost of a message."""
