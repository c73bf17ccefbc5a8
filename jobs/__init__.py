"""Door 2: events, one module per Lambda."""
