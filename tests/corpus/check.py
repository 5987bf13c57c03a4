# ruff: noqa: T201 - a command that prints
"""Inspect the whole corpus: ``python -m tests.corpus.check [FOLDER…]``.

The folders are those that ``build_real`` wrote. Prints the table by class, then what is wrong, and
exits with 1 when a malicious sample is not flagged, a malformed one is called clean, or a benign
one is flagged.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.corpus.look import inspect, is_high, missing, state
from tests.corpus.registry import generated, written
from tests.corpus.sample import Sample

COLUMNS = ("samples", "flagged", "clean", "not assessed", "crashed", "high")


def wrong(sample: Sample, tally: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """Inspect one sample, count it, and say what is wrong with the outcome."""
    row = (sample.label, sample.family)
    where = f"{sample.label} {sample.family}/{sample.name}"
    try:
        seen = inspect(sample.name, sample.content)
    except Exception as error:  # noqa: BLE001 - a crash is a result: counted, named, exit code 1
        for column in ("samples", "crashed"):
            tally[(*row, column)] += 1
        yield f"{where} broke the analyser: {type(error).__name__}: {error}"
        return
    found = state(seen)
    for column in ("samples", found, *(("high",) if is_high(seen) else ())):
        tally[(*row, column)] += 1
    if sample.label == "malicious" and found != "flagged":
        yield f"{where} is {found}: {sample.why} ({seen.incomplete_reason or 'nothing found'})"
    elif sample.label == "malformed" and found == "clean":
        yield f"{where} is called clean: {sample.why}"
    elif sample.label == "benign" and found == "flagged":
        said = [f"{o.verdict.value} {o.name}" for o in seen.operations]
        said += [f"{i.code}: {i.message}" for i in seen.issues]
        yield f"{where} is flagged: {'; '.join(said[:3])}"
    elif sample.label != "benign" and found == "flagged":
        absent = missing(seen, sample.expect)
        if absent:
            print(f"note: {where} is flagged, and not for {', '.join(absent)}")


def table(tally: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """One line a class, one a label."""
    width = max(len(family) for _, family, _ in tally) + 2
    head = f"{'label':<11}{'class':<{width}}" + "".join(f"{column:>14}" for column in COLUMNS)
    for label in ("malicious", "malformed", "benign"):
        families = sorted({family for kind, family, _ in tally if kind == label})
        if not families:
            continue
        yield head
        for family in families:
            yield f"{label:<11}{family:<{width}}" + "".join(
                f"{tally[(label, family, column)]:>14}" for column in COLUMNS
            )
        sums = [sum(tally[(label, family, c)] for family in families) for c in COLUMNS]
        yield f"{label:<11}{f'{len(families)} classes':<{width}}" + "".join(
            f"{total:>14}" for total in sums
        )
        yield ""


def check(samples: Iterable[Sample]) -> int:
    """Inspect, print, and give the exit code."""
    tally: Counter[tuple[str, str, str]] = Counter()
    problems = [line for sample in samples for line in wrong(sample, tally)]
    print("\n".join(table(tally)))
    for line in problems:
        print(line)
    print(f"{len(problems)} samples are not as their label says.")
    return 1 if problems else 0


def main() -> int:
    folders = [Path(argument) for argument in sys.argv[1:]]
    return check(itertools.chain(generated(), *(written(folder) for folder in folders)))


if __name__ == "__main__":
    sys.exit(main())
