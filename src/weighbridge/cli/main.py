"""The ``weighbridge`` command: a table of verbs, and what happens to errors.

A verb's module is imported when the verb is called, so that ``--help`` loads none of them.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from typing import Any

from weighbridge import __version__
from weighbridge.cli.environment import VARIABLES, check_verbs
from weighbridge.model.errors import ExitCode, WeighbridgeError

# verb -> what it does, for --help. The module is weighbridge.cli.<verb>.
VERBS: dict[str, str] = {
    "audit": "Weigh a model against a policy and write the audit pack.",
    "sign": "Sign a model's files (OpenSSF Model Signing).",
    "attest": "Attest to what no machine can check, or verify who did.",
    "verify": "Verify a model's signature and explain what differs.",
    "inspect": "Look into weight files without loading them.",
    "sbom": "Make a model's bill of materials, or check any.",
    "vulnerabilities": "Look up known weaknesses of the packages a model stands on.",
    "licenses": "Find what the licenses behind a model mean for a stated use.",
    "citations": "List every dataset that is used, and draft what its record lacks.",
    "secrets": "Find credentials in files, notebooks and the git history.",
    "lineage": "Show what a model was made from, and under which licenses.",
    "maintainers": "See who keeps what a model stands on, and what changed hands.",
    "trace": "Show which commits, rules, tests and records stand behind a clause.",
    "report": "Verify an audit pack or a PDF report.",
    "ledger": "Keep audits in an append-only ledger, and verify it.",
    "replay": "Evaluate a pack's evidence again and compare every byte.",
    "policy": "Check, show and describe policies.",
    "rules": "List and explain rules.",
    "clauses": "List and show clauses of law, standards and frameworks.",
    "hook": "The pre-commit entry points: offline, fast.",
}


def main() -> None:
    """Run the command. Errors of ours become one paragraph on stderr and exit code 2."""
    # A verification makes many small objects and no cycles; looking for them takes a tenth of it.
    gc.set_threshold(100_000, 20, 100)
    _prepare()
    try:
        _run(sys.argv[1:])
    except WeighbridgeError as error:
        _say(f"weighbridge: {error.diagnostics()}")
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as end:
        if _lost_reader(end.__context__):  # typer turns it into a 1, which would be a verdict
            sys.exit(int(ExitCode.ERROR))
        raise
    except BaseException as error:  # noqa: BLE001
        # The last line of defense: never exit 1 by accident. Not only Exception: what panics in a
        # library written in Rust is none.
        if _lost_reader(error):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            _say(f"weighbridge: the result cannot be written: {error.strerror}. Make room.")
        else:
            _report_defect(error)
        sys.exit(int(ExitCode.ERROR))


def _run(words: list[str]) -> None:
    if words[:1] and words[0] in VERBS:
        check_verbs(VERBS)
    if words[:1] and words[0] in ("verify", "inspect"):  # programs call these again and again
        from weighbridge.cli import light

        verb = words[0]
        module = importlib.import_module(f"weighbridge.cli.{verb}")
        function = getattr(module, verb)
        values = light.parse(function, words[1:], prefix=f"WEIGHBRIDGE_{verb.upper()}_")
        if values is not None:
            function(**values)
            return
    if words == ["--version"]:
        sys.stdout.write(f"weighbridge {__version__}\n")
        sys.stdout.flush()
        return
    from weighbridge.cli.group import app

    app()


def entry() -> None:
    """:func:`main` as a process of its own, ended without taking the interpreter apart.

    That costs a tenth of a short verification. Nothing is left to be done by then: files are
    written, threads joined, and output is flushed here, where a reader that has gone is noticed.
    """
    try:
        main()
        code: object = ExitCode.HOLDS
    except SystemExit as end:
        code = end.code
    if code is not None and not isinstance(code, int):
        raise SystemExit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # a pipe whose reader has gone, a full disk: nobody saw what was said
        code = ExitCode.ERROR
    os._exit(int(code or 0))


def _prepare() -> None:
    """Streams that take any text, and no variable that would replace a run by a help page.

    ``WEIGHBRIDGE_AUDIT_HELP=1`` would make every audit end with 0. A closed stream counts as
    /dev/null; the next file to be opened would else get its number.
    """
    for name in [n for n in os.environ if n.startswith(VARIABLES) and n.endswith("_HELP")]:
        del os.environ[name]
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _lost_reader(error: BaseException | None) -> bool:
    """Whether the reader of a pipe has gone: nothing may be concluded from what it saw."""
    return isinstance(error, BrokenPipeError)


def _say(text: str) -> None:
    """One paragraph on stderr. Where that cannot be written, the exit code still says it."""
    from weighbridge.edge.text import paragraph

    with contextlib.suppress(OSError):
        print(paragraph(text), file=sys.stderr, flush=True)  # noqa: T201


def _report_defect(error: BaseException) -> None:
    import traceback

    with contextlib.suppress(OSError):
        traceback.print_exception(error)
    _say(
        "weighbridge: this is a defect of weighbridge; nothing may be concluded from this run. "
        "Please report it with the lines above."
    )


if __name__ == "__main__":
    entry()
