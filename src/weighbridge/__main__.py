"""``python -m weighbridge``."""

import sys
from pathlib import Path

# `python -m` puts the working folder first on the path. It may be a stranger's model: a `yaml.py`
# in it must not be imported. (The `weighbridge` script has no such entry.)
if sys.path and sys.path[0] in ("", str(Path.cwd())) and not sys.flags.safe_path:
    del sys.path[0]

from weighbridge.cli.main import entry

entry()
