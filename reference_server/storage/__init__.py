"""Everything that is written as SQL: schema and functions that take a connection inside a transaction."""
