"""Speed and memory, measured: two things in one run, and their ratio."""
