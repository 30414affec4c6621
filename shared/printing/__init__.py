"""Receipts and kitchen slips: their layout, which is pure, and the drivers that print it."""
