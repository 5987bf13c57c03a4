"""Whether a signer's certificate was revoked, held against the time by which it had signed.

Revoked before that time, or with no such time at all, the seal is untrusted; revoked after it, the
seal still holds. Where nobody says anything the result says that: silence is never taken for good.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import load, signing_chain
from weighbridge.seal.outcome import Findings, Reason
from weighbridge.seal.pdf_store import Store
from weighbridge.seal.revocation_answers import HOLD, Answer, answers
from weighbridge.seal.times import SKEW

if TYPE_CHECKING:
    from cryptography import x509

NAME = "revocation"
MAX_CRL_BYTES = 64 * 2**20  # of a file that the caller names


@dataclass(frozen=True, slots=True)
class Known:
    """What is at hand: the PDF's store, the caller's lists (DER or PEM), and roots in DER."""

    store: Store = field(default_factory=Store)
    crls: tuple[bytes, ...] = ()
    roots: tuple[bytes, ...] = ()


def check_revocation(
    findings: Findings,
    certificates: Sequence[bytes],
    known: Known,
    existed: dt.datetime | None,
    now: dt.datetime,
    *,
    minutes: bool = False,
) -> None:
    """Note what is known of the signer's certificate and of those above it but the root.

    Args:
        certificates: in DER, the signer's first, in the order of issue.
        existed: a proven time by which the signature existed; None where none is proven.
        minutes: it is one of those that last for minutes and that nobody revokes.
    """
    if minutes:
        findings.skip(NAME, "a Sigstore certificate lasts for minutes and is not revoked: misuse "
                      "of an identity shows in the transparency log")  # fmt: skip
        return
    chain = [load(der) for der in certificates]
    said: list[str] = []
    silent: list[str] = []
    problems: list[str] = []
    listed = answered = False
    for place, certificate in enumerate(chain):
        if certificate.issuer == certificate.subject:
            continue  # nobody revokes a root but by leaving it out
        issuer = _issuer(certificate, chain[place + 1 :], known)
        found: list[Answer] = []
        if issuer is not None:
            found = answers(certificate, issuer, known.store.ocsps,
                            (*known.store.crls, *known.crls), now)  # fmt: skip
            listed = listed or bool(answers(certificate, issuer, (), known.crls, now))
        whose = "the signer's certificate" if place == 0 else f"that of {_name(certificate)}"
        _judge(found, whose, existed, now, (said, silent, problems))
        answered = answered or (place == 0 and not silent)
        if issuer is None:
            silent[-1] += ", and the certificate of its issuer is not at hand to check any"
    if problems:
        findings.add(NAME, "; ".join(problems), "", reason=Reason.UNTRUSTED)
    elif known.crls and not listed:
        findings.unsure(NAME, "no list that you gave (--crl) is one by which the authority of the "
                        "signer speaks of this certificate")  # fmt: skip
    elif known.crls and not answered:
        findings.unsure(NAME, "; ".join(silent))
    elif silent:
        findings.skip(NAME, "; ".join([*said, *silent]))
    elif said:
        findings.add(NAME, "", "; ".join(said))


def _judge(
    found: Sequence[Answer],
    whose: str,
    existed: dt.datetime | None,
    now: dt.datetime,
    into: tuple[list[str], list[str], list[str]],
) -> None:
    """What the answers about one certificate come to: said, not known, or a problem."""
    said, silent, problems = into
    revoked = _revocation(found)
    if revoked is not None and revoked.revoked is not None:
        what = f"{whose} was {'put on hold' if revoked.reason == HOLD else 'revoked'} on "
        what += f"{revoked.revoked:%Y-%m-%d %H:%M:%S} UTC"
        if revoked.reason and revoked.reason != HOLD:
            what += f" ({revoked.reason.replace('_', ' ')})"
        if existed is None:
            problems.append(f"{what}, and no time that you trust (--timestamp-root) shows that it "
                            "signed before")  # fmt: skip
        elif existed < revoked.revoked:
            said.append(f"{what}, after it had signed by {existed:%Y-%m-%d %H:%M:%S} UTC: what it "
                        "signed before still holds")  # fmt: skip
        else:
            problems.append(f"{what}, before {existed:%Y-%m-%d %H:%M:%S} UTC, the earliest time "
                            "at which it is shown to have signed")  # fmt: skip
        return
    good = [answer for answer in found if answer.revoked is None]
    if not good:
        silent.append(f"nothing is known of whether {whose} was revoked: no valid answer of its "
                      "authority is in the PDF's store or was given (--crl)")  # fmt: skip
        return
    last, at = good[-1], existed or now
    if last.issued + SKEW >= at or (last.until is not None and at <= last.until):
        said.append(f"{whose} was not revoked, said its authority by {last.by} of "
                    f"{last.issued:%Y-%m-%d %H:%M:%S} UTC")  # fmt: skip
        return
    silent.append(f"whether {whose} was revoked by {at:%Y-%m-%d %H:%M:%S} UTC is not known: the "
                  f"last answer is of {last.issued:%Y-%m-%d %H:%M:%S} UTC and too old")  # fmt: skip


def _revocation(found: Sequence[Answer]) -> Answer | None:
    """The answer with the earliest revocation. One put on hold may be let go again later."""
    final = [
        answer
        for answer in found
        if answer.revoked is not None
        and not (
            answer.reason == HOLD
            and any(other.revoked is None and other.issued > answer.issued for other in found)
        )
    ]
    return min(final, key=lambda answer: answer.revoked or answer.issued, default=None)


def _issuer(
    certificate: x509.Certificate, above: Sequence[x509.Certificate], known: Known
) -> x509.Certificate | None:
    """The certificate whose key signed this one; above it in the seal, given, or in the store."""
    from cryptography.hazmat.primitives.serialization import Encoding

    own = certificate.public_bytes(Encoding.DER)
    others = [each.public_bytes(Encoding.DER) for each in above[:1]]
    for der in (*others, *known.roots, *known.store.certificates):
        try:
            candidate = load(der)
            if candidate.subject == certificate.issuer:
                return load(signing_chain(own, [der])[1])
        except HostileInput:
            continue
    return None


def _name(certificate: x509.Certificate) -> str:
    return visible(certificate.subject.rfc4514_string(), 100)
