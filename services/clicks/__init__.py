"""Clicks on short links: what is kept of a visitor, the queue, and the counting. The job needs no URL parser."""
