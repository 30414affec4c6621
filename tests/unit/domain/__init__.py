"""Unit tests of the domain: each rule by example, and what must hold of any night by property."""
