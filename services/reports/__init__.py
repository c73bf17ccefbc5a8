"""The day's report: folding it from what happened, making it once, drawing and mailing it."""
