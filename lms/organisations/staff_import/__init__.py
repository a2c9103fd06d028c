"""Staff lists from other systems: reading, comparing, loading. Nothing here knows of screens or commands."""
