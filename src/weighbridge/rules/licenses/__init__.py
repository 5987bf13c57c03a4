"""Licenses: whether there is one, whether it is known which, and whether the statements agree."""
