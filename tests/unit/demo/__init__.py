"""Tests of the demo's pure parts: what a day is made of, and what a night is planned to be."""
