"""Tests of the kitchen: a real board over a real terminal, touched by a finger or a bump bar."""
