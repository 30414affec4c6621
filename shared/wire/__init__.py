"""Pure: what travels between client and server, as request, response and event models."""
