"""``weighbridge verify MODEL``: is this what was signed, by whom, and what differs.

Nothing heavy is imported on the way: a small model is verified in about a tenth of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from weighbridge.model.errors import SubjectError, UsageError

if TYPE_CHECKING:
    from weighbridge.signing.compare import Difference
    from weighbridge.signing.discover import Discovered
    from weighbridge.signing.oms import OmsVerification
    from weighbridge.snapshot.snapshot import Snapshot

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)

SCHEMA = "urn:weighbridge:verify:1"
FORMATS = ("text", "json")


@app.command()
def verify(
    model: Annotated[str, typer.Argument(help="The model's folder.")],
    key: Annotated[
        list[str] | None,
        typer.Option(help="A trusted public key in PEM; repeat for more. Any of them may sign."),
    ] = None,
    signature: Annotated[
        str, typer.Option(help="The signature file. Default: the one in the folder.")
    ] = "",
    format_: Annotated[str, typer.Option("--format", "-f", help="text or json.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
) -> None:
    """Verify a model's signature and explain what differs.

    Exit code 0: signed by one of the keys, and every file is as signed; 1: not so; 3: a file or
    the signature could not be checked; 2: an error, nothing may be concluded.
    """
    from weighbridge.cli.paths import read_small
    from weighbridge.signing import keys
    from weighbridge.signing.discover import find_signatures
    from weighbridge.signing.oms import verify_oms
    from weighbridge.snapshot.take import take_snapshot

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    if not key:
        raise UsageError(
            "no key is given to verify with", remedy="Give the signer's public key with --key."
        )
    if not Path(model).is_dir():
        raise UsageError(f"{model!r} is not a folder", remedy="Give the model's folder.")
    signers = [
        keys.trusted_signer(path, read_small(Path(path), keys.MAX_PEM_BYTES, "the key"))
        for path in key
    ]
    snapshot = take_snapshot(model)
    found = find_signatures(snapshot)
    name, data = _signature(Path(model), signature, found)
    verified = verify_oms(data, snapshot, signers, signature_paths={*found.paths, name})
    result = _json(verified, name) if format_ == "json" else _text(verified, name, snapshot)
    _show(result, output)
    raise typer.Exit(int(verified.exit_code))


def _signature(model: Path, given: str, found: Discovered) -> tuple[str, bytes]:
    """The signature's name (its path in the model where it lies there) and its bytes."""
    from weighbridge.cli.paths import read_small, relative_to_model
    from weighbridge.signing.bundle import MAX_BYTES
    from weighbridge.signing.oms import DEFAULT_SIGNATURE

    if given:
        data = read_small(Path(given), MAX_BYTES, "the signature")
        return relative_to_model(Path(given), model) or given, data
    table = {file.path: file for file in found.signatures}
    if not table:
        raise SubjectError(
            "the model has no signature file at its top level",
            remedy="Name it with --signature, or sign the model with 'weighbridge sign'.",
        )
    if DEFAULT_SIGNATURE not in table and len(table) > 1:
        raise UsageError(
            f"the model has several signatures: {', '.join(table)}",
            remedy="Choose one with --signature.",
        )
    chosen = table.get(DEFAULT_SIGNATURE) or next(iter(table.values()))
    if chosen.data is None:
        raise SubjectError(f"{chosen.path}: {chosen.reason}")
    return chosen.path, chosen.data


def _json(verified: OmsVerification, name: str) -> str:
    import json

    manifest, comparison = verified.manifest, verified.comparison
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "signature": name,
        "mode": verified.bundle.mode,
        "signature_state": verified.state.value,
        "reason": verified.reason,
        "signers": [
            {"name": signer.name, "fingerprint": str(signer.fingerprint)}
            for signer in verified.valid_for
        ],
        "model_name": manifest.model_name,
        "hash_type": manifest.hash_type,
        "root_digest": str(manifest.root),
        "root_consistent": manifest.root_consistent,
        "signed": len(manifest.resources),
        "covered": list(comparison.covered),
        "by_pointer": list(comparison.by_pointer),
        "differences": [_difference(d) for d in comparison.differences],
        "ignored": [{"path": i.path, "reason": i.reason} for i in comparison.ignored],
        "holds": verified.holds,
        "exit_code": int(verified.exit_code),
    }
    return json.dumps(body, indent=2) + "\n"


def _difference(difference: Difference) -> dict[str, str]:
    return {
        "path": difference.path,
        "cause": difference.cause.value,
        "expected": str(difference.expected or ""),
        "actual": str(difference.actual or ""),
        "other": difference.other,
        "detail": difference.detail,
    }


def _text(verified: OmsVerification, name: str, snapshot: Snapshot) -> str:
    from weighbridge.edge.text import visible

    comparison, manifest = verified.comparison, verified.manifest
    lines = [f"signature   {visible(name)}: {_who(verified)}"]
    pointers = len(comparison.by_pointer)
    lines.append(
        f"files       {len(comparison.covered)} of {len(manifest.resources)} signed files match"
        + (f", {pointers} of them by their pointer only" if pointers else "")
        + f"; {len(snapshot.artifacts)} files are there"
    )
    if not manifest.root_consistent:
        lines.append("root digest contradicts the listed files: the signature is malformed")
    for difference in comparison.differences:
        lines += _explain(difference)
    lines += [f"ignored     {visible(i.path)}: {visible(i.reason)}" for i in comparison.ignored]
    verdict = {0: "VERIFIED", 1: "NOT VERIFIED", 3: "INCONCLUSIVE"}[int(verified.exit_code)]
    return "\n".join([*lines, verdict]) + "\n"


def _who(verified: OmsVerification) -> str:
    from weighbridge.edge.text import visible

    if verified.valid_for:
        signers = ", ".join(f"{visible(s.name)} ({s.fingerprint})" for s in verified.valid_for)
        return f"valid, signed with {signers}"
    hint = f" (its key hint: {visible(verified.bundle.hint)})" if verified.bundle.hint else ""
    return f"{verified.state}, {verified.reason}{hint}"


def _explain(difference: Difference) -> list[str]:
    from weighbridge.edge.text import visible

    lines = [f"{difference.cause.value:<11} {visible(difference.path) or '.'}"]
    if difference.other:
        lines.append(f"            now      {visible(difference.other)}")
    if difference.expected:
        lines.append(f"            signed   {difference.expected}")
    if difference.actual:
        lines.append(f"            found    {difference.actual}")
    if difference.detail:
        lines.append(f"            because  {visible(difference.detail)}")
    return lines


def _show(text: str, output: str) -> None:
    if output:
        from weighbridge.cli.paths import write_result

        write_result(Path(output), text.encode("utf-8"))
        return
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
