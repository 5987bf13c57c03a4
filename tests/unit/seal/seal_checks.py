"""What the seal's tests ask of a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from weighbridge.seal.again import Again, Draw, Replay
from weighbridge.seal.keys import LocalKey
from weighbridge.seal.outcome import CheckState, SealReport
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.verify import verify_pack

Seal = Callable[..., SealedPack]


def failed(report: SealReport) -> list[str]:
    return [check.name for check in report.checks if check.state is CheckState.FAILED]


def checked(
    path: Path,
    key: LocalKey,
    *,
    draw: Draw | None = None,
    replay: Replay | None = None,
    **options: object,
) -> SealReport:
    with Again(draw, replay) as again:
        return verify_pack(path, signer=key.fingerprint, again=again, **options)  # type: ignore[arg-type]


def rewrite_seal(pack: SealedPack, change: Callable[[dict], None]) -> None:
    """Change the bundle and write it in its own form."""
    path = pack.folder / "audit.sigstore.json"
    body = json.loads(path.read_bytes())
    change(body)
    path.write_bytes(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())
