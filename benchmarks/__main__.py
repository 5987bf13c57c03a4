"""``make bench``: side-by-side runs, ratios against peers in one run. Never part of the tests.

``python -m benchmarks [NAME…]`` runs those named, or all. Exit code 1 where one of them says that a
target is missed.
"""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = (
    "startup", "hashing", "signing", "inspection", "sbom", "citations", "licenses", "reports",
    "history", "maintainers",
)  # fmt: skip


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    missed = False
    for name in names:
        if name not in BENCHMARKS:
            print(f"no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
            return 2
        print(f"\n== {name}", flush=True)
        missed |= bool(importlib.import_module(f"benchmarks.{name}").main())
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
