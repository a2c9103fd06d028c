"""Reading by other systems: JSON over GET, with a token. Nothing here writes."""
