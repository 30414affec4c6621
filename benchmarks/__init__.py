"""Measurements, each a table of ratios against a peer or a limit taken in the same run."""
