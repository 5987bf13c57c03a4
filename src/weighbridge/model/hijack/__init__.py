"""Signals that a project was taken over, out of what it was and what it is. Pure functions."""
