"""What the till and the kitchen both stand on, from the surface (qt) down to the ground (database)."""
