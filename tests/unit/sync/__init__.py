"""Tests of the sync engine, its verdicts and its worker, in virtual time."""
