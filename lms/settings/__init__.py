"""Settings by environment: base holds everything, the others say what differs."""
