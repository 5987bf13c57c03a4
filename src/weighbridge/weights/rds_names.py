"""Names of R: the functions that reach the system, and its own classes of compact vectors."""

from __future__ import annotations

# R functions that reach the system, the network or files.
_SHELL_NAMES = """
    system system2 shell shell.exec pipe download.file url socketConnection dyn.load unlink
    file.remove source sys.source install.packages
"""
SHELLS = frozenset(_SHELL_NAMES.split())
# R's own classes of vectors that know their elements without listing them (altclasses.c).
_COMPACT_NAMES = """
    compact_intseq compact_realseq deferred_string wrap_integer wrap_logical wrap_real wrap_complex
    wrap_raw wrap_string wrap_list
"""
COMPACT = frozenset(_COMPACT_NAMES.split())
