"""Where a digest comes from: how much was done to know it."""

from __future__ import annotations

import enum


class Origin(enum.StrEnum):
    """How a file's digests were had."""

    READ = "read"  # every byte was hashed now
    CACHED = "cached"  # hashed in an earlier run, and the file's identity is the same
    DECLARED = "declared"  # a Git LFS pointer or a name in the Hugging Face cache says so
