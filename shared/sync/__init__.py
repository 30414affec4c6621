"""Replay of the outbox: an engine that only decides, and a worker that does what it says."""
