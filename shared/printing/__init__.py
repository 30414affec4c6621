"""The place for receipts and kitchen slips: their layout, which will be pure, and drivers. Nothing prints yet."""
