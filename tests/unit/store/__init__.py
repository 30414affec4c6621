"""Tests of the store: the outbox, the tap, the cache of the server's word, and what screens are given."""
