"""The kitchen: marks on tickets, and how tickets are pulled."""
