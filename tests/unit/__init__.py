"""One rule, one table or one layout at a time: no socket, no Qt, no waiting."""
