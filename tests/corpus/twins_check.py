# ruff: noqa: T201 - a command that prints
"""Whether we read what torch reads: ``python -m tests.corpus.twins_check FOLDER``.

The folder is ``torch_twins``' with the observations of ``torch_view.py``. A divergence is a twin of
which torch read a pickle that an inspection did not: the names of that pickle are not among those
that the inspection counted. To read more than torch does is none. Exits with 1 where there is one,
and where too few twins could be loaded for the comparison to mean anything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.corpus.look import inspect, state

LEAST_LOADED = 65  # of the twins that are no mutants


def divergence(path: Path, torch_read: list[str]) -> str:
    """What torch read and we did not, empty where there is none."""
    seen = inspect(path.name, path.read_bytes())
    missed = sorted(set(torch_read) - {name for name, _ in seen.allowed})
    if not missed:
        return ""
    why = [issue.code for issue in seen.issues] + list(seen.gaps)
    return (
        f"torch reads {', '.join(missed)}, we do not; the file is {state(seen)} "
        f"({'; '.join(why[:4])})"
    )


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    body = json.loads((folder / "observations.json").read_text())
    wrong = 0
    plain = 0
    read = 0
    for name, one in sorted(body["files"].items()):
        found = sorted({*one["loaded"], *one["record"]})
        read += bool(found)
        plain += bool(one["loaded"]) and not name.startswith("mutant-")
        said = divergence(folder / name, found)
        if said:
            wrong += 1
            print(f"{name}: {said}")
    print(f"torch {body['torch']}: {len(body['files'])} twins, {read} read by torch "
          f"({plain} loaded that are no mutants), {wrong} divergences")  # fmt: skip
    if plain < LEAST_LOADED:
        print(f"fewer than {LEAST_LOADED} twins were loaded: the comparison means little")
    return 1 if wrong or plain < LEAST_LOADED else 0


if __name__ == "__main__":
    sys.exit(main())
