"""Unit tests of what travels: commands as bytes, bytes as commands, and what is wrong with a body."""
