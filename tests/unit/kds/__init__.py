"""Unit tests of the pure parts of the kitchen: layout, ages, words, marks."""
