"""Payments by card and mobile money: the intents, the seam to a gateway, and one that is simulated."""
