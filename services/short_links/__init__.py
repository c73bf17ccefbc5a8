"""Short links: judging destinations, making and changing links, following them, and what came of it."""
