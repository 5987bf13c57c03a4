"""Whole numbers as text, however large: Python refuses to write out more than 4,300 digits."""

from __future__ import annotations

MAX_WRITTEN = 2**63  # beyond it a number is named by its size


def decimal(number: int) -> str:
    """The number in digits; past 64 bits how many bits it has (CVE-2020-10735)."""
    if -MAX_WRITTEN < number < MAX_WRITTEN:
        return str(number)
    return f"a number of {number.bit_length()} bits"
