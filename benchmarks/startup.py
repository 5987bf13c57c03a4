"""What ``weighbridge --help`` costs, in CPU time, beside a bare interpreter."""

from __future__ import annotations

import resource
import subprocess
import sys

RUNS = 15
BUDGET_MS = 150


def cpu_ms(*command: str) -> float:
    """User and system CPU time of a command, the best of several runs, in milliseconds."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(times) * 1000


def main() -> None:
    bare = cpu_ms(sys.executable, "-c", "pass")
    ours = cpu_ms(sys.executable, "-m", "weighbridge", "--help")
    print(f"python -c pass       {bare:6.0f} ms CPU")
    print(f"weighbridge --help   {ours:6.0f} ms CPU (budget {BUDGET_MS} ms)")
