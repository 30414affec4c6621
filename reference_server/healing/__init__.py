"""Healing: what a server does that was restored from an older copy and has lost what its devices saw it do."""
