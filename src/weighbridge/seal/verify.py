"""Verifying an audit pack or a single PDF report: offline, and without believing anything in it.

Every check is named and reported, whatever came of the others, so that a person can see what was
looked at. The exit code and the reason are those of :class:`weighbridge.seal.outcome.SealReport`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.model.digest import Digest, sha256
from weighbridge.model.errors import HostileInput, UsageError
from weighbridge.model.record import AuditRecord
from weighbridge.seal import agreement, stamped
from weighbridge.seal.again import Again
from weighbridge.seal.certificate import is_self_signed, load, public_key, signing_chain
from weighbridge.seal.contents import Contents, check_contents
from weighbridge.seal.folder import read_file
from weighbridge.seal.low_s import low_s
from weighbridge.seal.outcome import Findings, SealReport, SignerTrust
from weighbridge.seal.pdf_signature import PdfInvalid, SignedPdf, read_signed_pdf
from weighbridge.seal.pdf_store import Store
from weighbridge.seal.revoked import Known, check_revocation
from weighbridge.seal.seal_file import read_seal
from weighbridge.seal.sigstore_who import is_sigstore, provider
from weighbridge.seal.sigstore_who import timestamp_roots as sigstore_roots
from weighbridge.seal.statement import PDF_FILE, PROOF_FILE, RECORD_FILE, SEAL_FILE, Statement
from weighbridge.seal.times import proven_of_each
from weighbridge.seal.who import Who, check_validity
from weighbridge.signing.bundle import Bundle
from weighbridge.signing.dsse import verify_envelope
from weighbridge.signing.errors import SignatureInvalid
from weighbridge.signing.keys import fingerprint

if TYPE_CHECKING:
    from weighbridge.model.policy import TrustedSigner

_NAME_A_PACK = "Name an audit pack or a PDF report."


class NotAPack(UsageError):
    """What was given is neither an audit pack nor a PDF."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants to know, and by what to judge it."""

    who: Who
    again: Again
    timestamp_roots: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))


def verify_pack(
    path: Path,
    *,
    signer: Digest | None = None,
    timestamp_roots: Sequence[bytes] = (),
    certificate_roots: Sequence[bytes] = (),
    known: Digest | None = None,
    sigstore: TrustedSigner | None = None,
    crls: Sequence[bytes] = (),
    again: Again | None = None,
    proof: Callable[[Path], tuple[str, ...]] | None = None,
    now: dt.datetime | None = None,
) -> SealReport:
    """Verify a pack's folder, or a PDF report alone.

    Args:
        path: the folder or the PDF.
        signer: the fingerprint that the sealing key must have.
        timestamp_roots: certificates in DER of the timestamp authorities to trust. If any are
            given, a time that none of them vouches for leaves the result inconclusive.
        certificate_roots: those in DER that the signer's certificate may lead to.
        known: the fingerprint of this user's own sealing key.
        sigstore: the identity, issuer and trust root of a Sigstore instance that must have sealed.
            The timestamp authorities of that root are trusted too.
        crls: revocation lists, in DER or PEM, beside those in the PDF.
        again: draws a record's PDF and evaluates its evidence again; without it, neither the pages
            nor the evaluation are compared with the record. The caller closes it.
        proof: says what is wrong with the pack's proof that it is in a ledger, if it holds one.
        now: when it is verified. The default is the clock's time.

    Raises:
        NotAPack: there is nothing of the kind, or it cannot be read.
        ConfigurationError: the Sigstore trust root cannot be used.
    """
    who = Who(signer, tuple(certificate_roots), known, sigstore)
    if sigstore is not None:
        timestamp_roots = (*timestamp_roots, *sigstore_roots(sigstore))
    at = {"now": now} if now else {}
    asked = Asked(who, again or Again(), tuple(timestamp_roots), tuple(crls), **at)
    try:
        if path.is_dir():
            return _verify_folder(path, asked, proof)
        data = read_file(path)
    except OSError as error:
        raise NotAPack(f"{path} cannot be read: {error.strerror}", remedy=_NAME_A_PACK) from error
    except HostileInput as error:
        raise NotAPack(error.message, remedy=_NAME_A_PACK) from error
    if not data.startswith(b"%PDF-"):
        raise NotAPack(f"{path} is not a PDF", remedy=_NAME_A_PACK)
    return _verify_pdf_alone(data, asked)


def _verify_folder(
    folder: Path, asked: Asked, proof: Callable[[Path], tuple[str, ...]] | None
) -> SealReport:
    try:
        data = read_file(folder / SEAL_FILE)
    except FileNotFoundError as error:
        raise NotAPack(
            f"{folder} holds no {SEAL_FILE}",
            remedy="Name the folder that 'weighbridge audit --out' wrote.",
        ) from error
    findings = Findings()
    try:
        bundle, statement = read_seal(data)
    except HostileInput as error:
        findings.add("seal", error.message, "")
        return SealReport("pack", tuple(findings.checks), None, SignerTrust.NONE)
    findings.add("seal", "", f"{SEAL_FILE} is a seal over {len(statement.files)} files")
    key = _check_signature(findings, bundle, statement)
    drawn_with = dict(statement.drawn_with)
    contents = check_contents(findings, folder, statement, asked.again)
    record = contents.record
    agreement.check_statements(findings, contents.statements, bundle)
    _check_pdf_of_pack(findings, contents, bundle)
    state = record.timestamp.state if record else None
    roots = asked.timestamp_roots
    if contents.signed and contents.pdf is not None:
        stamped.check_pdf(findings, contents.signed, contents.pdf, state, roots)
    stamped.check_seal(findings, folder, data, bundle, state, roots)
    _check_again(findings, asked.again, contents.signed, record, drawn_with)
    if proof is not None and (folder / PROOF_FILE).exists():
        findings.add("ledger", "; ".join(proof(folder)), "the proof shows it in a signed ledger")
    pdf = contents.signed
    return _report("pack", findings, key, bundle.certificates, asked, record, pdf, bundle)


def _check_signature(findings: Findings, bundle: Bundle, statement: Statement) -> Digest | None:
    """The fingerprint of the key under which the seal's signature holds."""
    try:
        own, *above = bundle.certificates
        if signing_chain(own, above) != bundle.certificates:
            raise HostileInput("the seal's certificates are not in the order of issue")
        named = tuple(sha256(der) for der in bundle.certificates)
        if statement.certificates != named and (statement.certificates or above):
            raise HostileInput("the seal carries other certificates than it was made with")
        public = public_key(own)
        verify_envelope(public, bundle.envelope)
        signature = bundle.envelope.signature
        # Sigstore's client chooses the spelling; the timestamp and the log's entry are over it
        if not bundle.keyless and low_s(public, signature) != signature:
            raise SignatureInvalid("the signature is not in the form in which it was made")
    except (HostileInput, SignatureInvalid) as error:
        findings.add("signature", error.message, "")
        return None
    key = fingerprint(public)
    findings.add("signature", "", f"the statement is signed by the key {key}")
    return key


def _check_pdf_of_pack(findings: Findings, contents: Contents, bundle: Bundle) -> None:
    pdf = contents.signed
    findings.add("pdf", contents.pdf_problem, _coverage(pdf) if pdf else "")
    if pdf is None:
        return
    findings.add(
        "pdf signer",
        ""
        if pdf.certificates == bundle.certificates
        else f"{PDF_FILE} is signed under another certificate than the seal",
        "the PDF and the seal are signed under the same certificate",
    )
    attached = pdf.attachments == ((RECORD_FILE, contents.record_bytes),)
    findings.add(
        "pdf attachment",
        "" if attached else f"{PDF_FILE} does not carry exactly the {RECORD_FILE} of the pack",
        f"the {RECORD_FILE} in the PDF is that of the pack, byte for byte",
    )


def _coverage(pdf: SignedPdf) -> str:
    if not pdf.archives:
        return "the PDF's signature covers the entire file and allows no change"
    return (
        "the PDF's signature covers everything before the archive timestamps, and the last of "
        f"these {len(pdf.archives)} the entire file; nothing else was added"
    )


def _verify_pdf_alone(data: bytes, asked: Asked) -> SealReport:
    findings = Findings()
    try:
        pdf = read_signed_pdf(data)
    except PdfInvalid as error:
        findings.add("pdf", error.message, "")
        return SealReport("pdf", tuple(findings.checks), None, SignerTrust.NONE)
    findings.add("pdf", "", _coverage(pdf))
    key = fingerprint(public_key(pdf.certificates[0]))
    findings.add("pdf signer", "", f"the PDF is signed by the key {key}")
    record = _attached_record(findings, asked.again, data, pdf)
    state = record.timestamp.state if record else None
    stamped.check_pdf(findings, pdf, data, state, asked.timestamp_roots)
    _check_again(findings, asked.again, pdf, record, None)
    findings.skip("pack", "only the PDF was given: the seal and the other files were not looked at")
    return _report("pdf", findings, key, pdf.certificates, asked, record, pdf)


def _check_again(
    findings: Findings,
    again: Again,
    pdf: SignedPdf | None,
    record: AuditRecord | None,
    drawn_with: Mapping[str, str] | None,
) -> None:
    """The pages and the evaluation; the first to have been begun is likely to be there first."""
    agreement.check_drawing(findings, pdf, record, again, drawn_with)
    agreement.check_replay(findings, record, again)


def _attached_record(
    findings: Findings, again: Again, data: bytes, pdf: SignedPdf
) -> AuditRecord | None:
    names = [name for name, _ in pdf.attachments]
    if names != [RECORD_FILE]:
        findings.add("pdf attachment", f"the PDF does not carry exactly one {RECORD_FILE}", "")
        return None
    try:
        record = again.begin(data, pdf.attachments[0][1])
    except HostileInput as error:
        findings.add("pdf attachment", error.message, "")
        return None
    findings.add("pdf attachment", "", f"the PDF carries the record {record.digest}")
    return record


def _report(
    kind: str,
    findings: Findings,
    key: Digest | None,
    certificates: tuple[bytes, ...],
    asked: Asked,
    record: AuditRecord | None,
    pdf: SignedPdf | None,
    bundle: Bundle | None = None,
) -> SealReport:
    existed = proven_of_each(findings.timestamps, asked.now)
    trust = asked.who.trust(findings, key, certificates, existed or asked.now, bundle)
    holder = issuer = ""
    sigstore = key is not None and is_sigstore(certificates[0])
    if key is not None:
        check_validity(findings, certificates[0], existed, asked.now, minutes=sigstore)
        known = Known(pdf.store if pdf else Store(), asked.crls, asked.who.roots)
        check_revocation(findings, certificates, known, existed, asked.now, minutes=sigstore)
        if not is_self_signed(certificates[0]):
            from weighbridge.seal.signer import shown_name

            holder = shown_name(certificates[0])
            issuer = visible(load(certificates[0]).issuer.rfc4514_string(), 200)
    if sigstore:
        issuer = provider(certificates[0])
    return SealReport(
        kind=kind,
        checks=tuple(findings.checks),
        signer=key,
        trust=trust,
        timestamps=tuple(findings.timestamps),
        record_digest=sha256(record.to_bytes()) if record else None,
        subject_name=visible(record.subject.name, 200) if record else "",
        subject_digest=record.subject.digest if record else None,
        gate_open=record.verdict.open if record else None,
        as_of=record.as_of.isoformat() if record else "",
        holder=holder,
        issuer=issuer,
        sigstore=sigstore,
        existed=existed,
    )
