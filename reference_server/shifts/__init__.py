"""Shifts, attendance and business days."""
