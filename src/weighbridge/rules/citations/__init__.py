"""Datasets: whether each one is cited, licensed and pinned to what was read."""
