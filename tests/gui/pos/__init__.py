"""Tests of the till: real screens over a real terminal, touched by a finger."""
