"""What ``weighbridge attest`` signs: the person's words, the subject's digest, the evidence."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.controls import CONTROLS, Control
from weighbridge.model.controls import control as known_control
from weighbridge.model.errors import HostileInput, UsageError

if TYPE_CHECKING:
    from weighbridge.cli.signer_options import Chosen, Options
    from weighbridge.signing.attestation import Attestation, EvidenceFile
    from weighbridge.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Said:
    """What was given, as it was given; ``made`` and ``expires`` are days."""

    control: str
    statement: str
    name: str
    role: str
    email: str
    made: dt.date
    expires: dt.date
    evidence: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A signed attestation that is not written yet. ``inside``: it will lie in the subject.

    ``signed`` are the subject's signature files; ``elsewhere`` is evidence that lies in another
    folder than the attestation will.
    """

    output: Path
    data: bytes
    attestation: Attestation
    chosen: Chosen
    inside: bool
    signed: tuple[str, ...]
    elsewhere: tuple[str, ...]


def made(subject: Path, said: Said, who: Options, output: str, *, force: bool) -> Made:
    """Sign an attestation.

    Raises:
        UsageError: the control is unknown, a text is missing, a day is out of range, or a file
            cannot be read or written.
        CannotSign: a file of the subject could not be read.
    """
    from weighbridge import __version__
    from weighbridge.cli.paths import check_model, relative_to_model
    from weighbridge.cli.signer_options import chosen_signer
    from weighbridge.edge.text import visible
    from weighbridge.signing.attestation import Attestation
    from weighbridge.signing.attested import attested_subject, refuse_gaps, sign_attestation
    from weighbridge.signing.discover import find_signatures

    control = _control(said.control)
    _check_texts(said)
    _check_days(said, control)
    target = _target(output, force=force)
    check_model(subject)
    evidence = _evidence(said.evidence)
    chosen = chosen_signer(who)
    snapshot = snapshot_of(subject)
    found = attested_subject(snapshot)
    refuse_gaps(found)
    try:
        attestation = Attestation(
            control=control.id,
            statement=said.statement.strip(),
            name=said.name.strip(),
            role=said.role.strip(),
            email=said.email.strip(),
            made=said.made,
            expires=said.expires,
            subject_name=visible(snapshot.subject.name, 150) or "model",
            subject_digest=found.digest,
            evidence=evidence,
            tool_version=__version__,
        )
    except HostileInput as error:
        raise UsageError(error.message, remedy="Write it in plain text.") from error
    return Made(
        target,
        sign_attestation(attestation, chosen.signer),
        attestation,
        chosen,
        bool(relative_to_model(target, subject)),
        find_signatures(snapshot).paths,
        tuple(
            path.name for path in said.evidence if path.resolve().parent != target.resolve().parent
        ),
    )


def write(result: Made) -> Iterator[str]:
    """Write the attestation; yields what the person should know about where it lies."""
    from weighbridge.cli.paths import write_result

    folder = result.output.parent
    if not os.path.lexists(folder) and folder.parent.is_dir():
        try:
            folder.mkdir()
        except OSError as error:
            raise UsageError(f"{str(folder)!r} cannot be made: {error.strerror}") from error
    write_result(result.output, result.data)
    if result.inside and result.signed:
        yield (
            f"the model was signed before ({result.signed[0]}), and that signature does not know "
            "the attestation. Sign the model again, or keep attestations in a folder beside it."
        )
    names = ", ".join(result.elsewhere)
    if names and result.inside:
        yield (
            f"{names} lies elsewhere, and must stay there: a file that is added to the model makes "
            "another subject of it. To keep evidence in the model, put it there before attesting."
        )
    elif names:
        yield (
            f"{names}: kept beside the attestation, by that name, it is compared with the digest "
            "that was signed at every check."
        )


def snapshot_of(subject: Path) -> Snapshot:
    """The subject's files; large ones that have not changed are not read again."""
    from weighbridge.snapshot.cache import DigestCache, cache_allowed
    from weighbridge.snapshot.take import take_snapshot

    cache = DigestCache() if cache_allowed() else None
    return take_snapshot(subject, known=cache, keep=cache.keep if cache else None)


def _control(name: str) -> Control:
    found = known_control(name)
    if found is not None:
        return found
    import difflib

    near = difflib.get_close_matches(name, [one.id for one in CONTROLS], 1)
    hint = f"Did you mean {near[0]!r}?" if near else "See 'weighbridge attest list'."
    raise UsageError(f"there is no control {name[:100]!r}", remedy=hint)


def _check_texts(said: Said) -> None:
    for flag, text in (
        ("--name", said.name),
        ("--role", said.role),
        ("--statement", said.statement),
    ):
        if not text.strip():
            raise UsageError(
                f"{flag} is missing or empty",
                remedy="An attestation is a named person's own words: say who, in which role, and "
                "what.",
            )


def _check_days(said: Said, control: Control) -> None:
    if said.expires < said.made:
        raise UsageError(
            f"--expires {said.expires} lies before {said.made}, the day on which it is made",
            remedy="Give a day in the future.",
        )
    most = said.made + dt.timedelta(days=control.max_days)
    if said.expires > most:
        raise UsageError(
            f"--expires {said.expires} is more than {control.max_days} days ahead",
            remedy=f"{control.id} can be attested to until {most} at most; look at it again then.",
        )


def _target(output: str, *, force: bool) -> Path:
    from weighbridge.signing.attestation import SUFFIX

    if not output:
        raise UsageError(
            "--output is missing",
            remedy=f"Name the file to write, such as attestations/CONTROL{SUFFIX}.",
        )
    target = Path(output)
    if not target.name.endswith(SUFFIX) or target.name == SUFFIX:
        raise UsageError(
            f"--output {output!r} does not end in {SUFFIX}",
            remedy="Only a file of such a name is no part of what is attested to.",
        )
    if os.path.lexists(target) and not force:
        raise UsageError(f"{output!r} is already there", remedy="Choose another name, or --force.")
    return target


def _evidence(paths: tuple[Path, ...]) -> tuple[EvidenceFile, ...]:
    from weighbridge.collect.attestation_folder import MAX_EVIDENCE_BYTES, hash_file
    from weighbridge.signing.attestation import MAX_EVIDENCE, EvidenceFile, check_file_name

    if len(paths) > MAX_EVIDENCE:
        raise UsageError(f"more than {MAX_EVIDENCE} evidence files are given")
    files: dict[str, EvidenceFile] = {}
    for path in paths:
        hashed = hash_file(path.resolve())
        if hashed is None:
            raise UsageError(
                f"the evidence {str(path)!r} is no regular file that can be read, or is larger "
                f"than {MAX_EVIDENCE_BYTES} bytes"
            )
        if path.name in files:
            raise UsageError(
                f"two evidence files are named {path.name!r}", remedy="Rename one of them."
            )
        try:
            check_file_name(path.name)
        except HostileInput as error:
            raise UsageError(f"{str(path)!r}: {error.message}", remedy="Rename it.") from error
        files[path.name] = EvidenceFile(path.name, *hashed)
    return tuple(sorted(files.values()))
