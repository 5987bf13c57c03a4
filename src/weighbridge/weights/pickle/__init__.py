"""An abstract interpreter of the pickle machine: what loading would import and call, from bytes
alone.

The grammar is that of CPython's C unpickler (``Modules/_pickle.c``), which is what loaders use, and
not that of ``pickletools``, which differs. Values are symbolic: constants stay constants, the
result of a call is a note of who was called, and everything else is opaque. Nothing is imported or
built.
"""
