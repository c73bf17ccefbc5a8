"""Orders: placing them, what may follow what, and the work that is due in them."""
