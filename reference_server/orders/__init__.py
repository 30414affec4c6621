"""Orders: what a write makes of an order, and how orders are pulled."""
