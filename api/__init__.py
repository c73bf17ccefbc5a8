"""Door 1: HTTP, one Lambda."""
