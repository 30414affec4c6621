"""What the running server counts and knows of itself."""
