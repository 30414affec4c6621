"""Protection: how much one caller may ask, and how long a slow one is waited for."""
