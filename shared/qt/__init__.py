"""The widgets, the theme and the bridge that both clients' screens are made of."""
