"""What the server tells managers, and what they did about it."""
