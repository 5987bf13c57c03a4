"""Weighbridge: audit an AI model before it ships, and hand over a signed report.

The library's entry point is :func:`weighbridge.audit.audit`; the command is ``weighbridge``.
Nothing is imported here, so that ``import weighbridge`` costs nothing.
"""

__version__ = "0.1.0"
