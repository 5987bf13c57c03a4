"""``weighbridge maintainers snapshot``: the projects as they are, written down and signed."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.cli.maintainers_collect import asked, named
from weighbridge.model.errors import BoundExceeded, UsageError
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.maintainers_snapshot import MaintainersSnapshot, kept_projects

if TYPE_CHECKING:
    from weighbridge.cli.signer_options import Chosen, Options
    from weighbridge.collect.context import CollectContext
    from weighbridge.signing.maintainers_snapshot import ReadSnapshot


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was given, as it was given. ``services`` are the arguments of the services' flags."""

    subject: Path
    output: str
    ledger: str
    unsigned: bool
    force: bool
    signer: Options
    environments: tuple[Path, ...] = ()
    offline: bool = False
    config: str = ""
    services: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot that is not written yet. ``missing`` are the projects nobody could be asked of."""

    read: ReadSnapshot
    data: bytes
    output: Path | None
    ledger: Path | None
    by: str
    missing: tuple[str, ...]


def kept(wanted: Wanted) -> Kept:
    """Ask about the projects and sign what was answered.

    Raises:
        UsageError: nobody signs, two ways to, a file that is there, or no project to ask about.
        BoundExceeded: there is more than a snapshot may hold.
    """
    from weighbridge import __version__
    from weighbridge.edge.text import visible
    from weighbridge.signing.maintainers_snapshot import (
        MAX_DOCUMENT_BYTES,
        read_snapshot,
        sign_snapshot,
    )

    target = _target(wanted)
    chosen = _signer(wanted)
    context = _context(wanted)
    evidence = asked(context, named(context), {EvidenceKind.VULNERABILITY, EvidenceKind.PROJECT})
    projects = kept_projects(evidence)
    if not projects:
        said = next((e.reason for e in evidence if e.kind is EvidenceKind.PROJECT), "")
        raise UsageError(
            f"there is no project to write down{': ' if said else ''}{visible(said, 500)}",
            remedy="Name the environment that the model runs in with --environment.",
        )
    subject = context.snapshot.subject
    snapshot = MaintainersSnapshot(
        taken=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        subject_name=visible(subject.name, 150) or "model",
        subject_digest=subject.digest,
        projects=projects,
        tool_version=__version__,
    )
    if len(snapshot.to_bytes()) > MAX_DOCUMENT_BYTES:
        raise BoundExceeded("the snapshot's document", MAX_DOCUMENT_BYTES, "bytes")
    data = sign_snapshot(snapshot, chosen.signer) if chosen else snapshot.to_bytes() + b"\n"
    return Kept(
        read_snapshot(data),
        data,
        target,
        Path(wanted.ledger) if wanted.ledger else None,
        chosen.description if chosen else "",
        tuple(
            one.about
            for one in evidence
            if one.kind is EvidenceKind.PROJECT and one.state is not EvidenceState.OBSERVED
        ),
    )


def write(made: Kept) -> Iterator[str]:
    """Write it; yields what there is to say."""
    from weighbridge.cli.layout import wrapped
    from weighbridge.cli.maintainers_ledger import keep
    from weighbridge.cli.paths import write_result
    from weighbridge.edge.text import visible

    yield f"Projects: {len(made.read.snapshot.projects)}. Snapshot: {made.read.digest}"
    if made.output is not None:
        write_result(made.output, made.data)
        yield f"Written: {visible(str(made.output), 300)}"
    if made.ledger is not None:
        path, index = keep(made.ledger, made.read, made.data)
        yield f"Kept: {visible(str(path), 300)}, entry {index} of the ledger"
    if made.by:
        yield wrapped(f"Signed {visible(made.by, 300)}: accepted as they are now.")
    else:
        yield wrapped("NOT SIGNED: it can be compared, and is never believed as a baseline.")
    if made.missing:
        names = ", ".join(visible(name, 100) for name in made.missing[:5])
        more = f" and {len(made.missing) - 5} more" if len(made.missing) > 5 else ""
        yield wrapped(f"Nobody could be asked about {names}{more}.")


def _target(wanted: Wanted) -> Path | None:
    from weighbridge.signing.maintainers_snapshot import SUFFIX

    if not wanted.output:
        if wanted.ledger:
            return None
        raise UsageError(
            "--output is missing",
            remedy=f"Name the file to write, such as accepted{SUFFIX}, or a ledger.",
        )
    target = Path(wanted.output)
    if os.path.lexists(target) and not wanted.force:
        raise UsageError(
            f"{wanted.output!r} is already there", remedy="Choose another name, or --force."
        )
    return target


def _signer(wanted: Wanted) -> Chosen | None:
    from weighbridge.cli.signer_options import chosen_signer

    given = wanted.signer.key or wanted.signer.pkcs11 or wanted.signer.sigstore
    if wanted.unsigned:
        if given:
            raise UsageError("--unsigned is given, and so is with what to sign")
        if wanted.ledger:
            raise UsageError("--ledger keeps baselines, and nobody signs this one")
        return None
    if not given:
        raise UsageError(
            "nobody signs the snapshot",
            remedy="Give --key, --pkcs11 or --sigstore; or --unsigned, for one to look at only.",
        )
    return chosen_signer(wanted.signer)


def _context(wanted: Wanted) -> CollectContext:
    from weighbridge.cli.config import load_config
    from weighbridge.cli.maintainers_check import say_configuration
    from weighbridge.cli.services import services
    from weighbridge.collect.context import CollectContext
    from weighbridge.snapshot.take import take_snapshot

    settings = load_config(Path(), subject=wanted.subject, named=wanted.config)
    say_configuration(settings)
    return CollectContext(
        snapshot=take_snapshot(wanted.subject),
        as_of=dt.datetime.now(dt.UTC).date(),
        offline=wanted.offline or settings.offline,
        services=services(settings, **wanted.services),
        environments=wanted.environments,
    )
