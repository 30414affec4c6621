"""One night in a restaurant, played through the real programs and checked from their files."""
