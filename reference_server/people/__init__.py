"""People and devices: tokens, who may do what, login by PIN."""
