"""A person can do it: real windows, real presses, an in-process server."""
