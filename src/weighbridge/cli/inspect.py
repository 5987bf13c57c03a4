"""``weighbridge inspect PATH…``: what is inside weight files, from their bytes alone.

Nothing heavy is imported on the way: a small file is inspected in about a tenth of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from weighbridge.cli.light import Argument, option
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weighbridge.cli.inspect_files import Inspected
    from weighbridge.cli.inspect_numbers import FileNumbers

FORMATS = ("text", "json", "sarif")


def inspect(
    paths: Annotated[list[str], Argument("Weight files, or folders of them.", many=True)],
    accept: Annotated[
        list[str] | None,
        option(help="A name that loading may use, such as mypackage.nets.*; repeat for more."),
    ] = None,
    hash_: Annotated[
        bool, option("--hash", help="Compute each file's SHA-256, too: reads every byte.")
    ] = False,
    numbers: Annotated[
        bool,
        option(
            "--numbers",
            help="Say what tensors' numbers look like, for information: reads every byte.",
        ),
    ] = False,
    format_: Annotated[
        str, option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")
    ] = "text",
    output: Annotated[
        str, option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Look into weight files without loading them.

    Tells whether loading a file could run code, reach files or the network, and whether the file
    is what it claims to be. In a folder, files that no framework loads as weights are left alone
    and counted.

    Exit code 0: nothing was found and all was read; 1: a file is unsafe or malformed; 3: something
    could not be read; 2: an error, nothing may be concluded.
    """
    from weighbridge.cli.inspect_files import exit_code, inspect_paths

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if numbers and format_ == "sarif":
        raise UsageError(
            "--numbers is information, and SARIF holds findings", remedy="Use --format json."
        )
    # with the numbers, the digest is computed in the reading that they need
    inspected = inspect_paths(paths, accept=tuple(accept or ()), hashed=hash_ and not numbers)
    found: Mapping[str, FileNumbers] | None = None
    if numbers:
        from weighbridge.cli.inspect_numbers import look_at_numbers

        inspected, found = look_at_numbers(inspected, hashed=hash_)
    data = _render(inspected, format_, found)
    if output:
        from weighbridge.cli.paths import write_result

        write_result(Path(output), data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    raise SystemExit(int(exit_code(inspected)))


def _render(inspected: Inspected, format_: str, numbers: Mapping[str, FileNumbers] | None) -> bytes:
    if format_ == "sarif":
        from weighbridge.cli.inspect_sarif import as_sarif

        return as_sarif(inspected)
    from weighbridge.cli import inspect_show

    show = inspect_show.as_json if format_ == "json" else inspect_show.as_text
    return show(inspected, numbers).encode("utf-8")
