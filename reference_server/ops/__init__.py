"""Operating: health and the request log."""
