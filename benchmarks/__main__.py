"""``make bench``: side-by-side runs, ratios against peers in one run. Never part of the tests.

``python -m benchmarks [NAME…]`` runs those named, or all.
"""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = (
    "startup", "hashing", "signing", "inspection", "sbom", "citations", "licenses", "reports",
    "history",
)  # fmt: skip


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            print(f"no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
            return 2
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
