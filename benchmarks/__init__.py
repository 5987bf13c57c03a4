"""Side-by-side runs against peers; see ``benchmarks/__main__.py``.

An installed package has its bytecode, as the peers have in their environments; a source tree has
none where ``PYTHONDONTWRITEBYTECODE`` is set. So ours is compiled before anything is timed.
"""

import compileall
import importlib.util
import os
from pathlib import Path

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
_ORIGIN = importlib.util.find_spec("weighbridge")
if _ORIGIN is not None and _ORIGIN.origin is not None:
    compileall.compile_dir(str(Path(_ORIGIN.origin).parent), quiet=1)
