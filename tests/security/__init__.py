"""What strangers and broken clients may send, and what it does to us: nothing."""
