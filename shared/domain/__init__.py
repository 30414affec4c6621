"""Pure: what a restaurant knows, that is commands, orders, rules, totals, tickets and the menu."""
