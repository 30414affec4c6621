"""The catalogue: menu, floor, business and staff, served with ETags and loaded from files."""
