"""7z archives: their headers are read here, what they hold is unpacked in one bounded pass.

Source of the layout: the format description that comes with the LZMA SDK (``7zFormat.txt``).
"""

from weighbridge.weights.sevenzip.archive import inspect

__all__ = ["inspect"]
