"""A small honest server that keeps the contract; anybody may replace it with another."""
