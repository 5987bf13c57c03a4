"""Turning what the rooms below see into Evidence. One module an evidence family."""
