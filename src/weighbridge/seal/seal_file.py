"""``audit.sigstore.json``: the seal as a file, in exactly one spelling.

No signature covers a Sigstore bundle as a whole. It is therefore written in canonical JSON (RFC
8785), with nothing in it that could be left out, and read only in that form: a change anywhere in
the file is then a change of what is verified. Any reader of Sigstore bundles can read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weighbridge.edge.json import load_json
from weighbridge.model.canonical import canonical
from weighbridge.model.errors import HostileInput
from weighbridge.seal.certificate import MAX_CHAIN
from weighbridge.seal.log_entry import check_log_entry
from weighbridge.seal.statement import Statement

if TYPE_CHECKING:
    from weighbridge.signing.bundle import Bundle


def seal_bytes(bundle: Bundle) -> bytes:
    """The seal as it is written."""
    return canonical(load_json(bundle.to_bytes(), source="the seal"))


def read_seal(data: bytes) -> tuple[Bundle, Statement]:
    """A seal's bundle and statement. Nothing is verified yet.

    Raises:
        HostileInput: it is not a seal, or not in the one form. Whitespace, an added field or
            another spelling of the same base64 counts.
    """
    bundle = read_bundle(data)
    return bundle, Statement.from_bytes(bundle.envelope.payload)


def read_bundle(data: bytes) -> Bundle:
    """A bundle with an in-toto payload in the one form. Nothing is verified yet.

    Raises:
        HostileInput: it is not, see :func:`read_seal`.
    """
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.dsse import IN_TOTO, Envelope

    bundle = Bundle.from_bytes(data)
    envelope = Envelope(IN_TOTO, bundle.envelope.payload, bundle.envelope.signature)
    plain = Bundle(
        envelope,
        certificates=bundle.certificates,
        timestamps=bundle.timestamps,
        keyless=bundle.keyless,
        log_entries=bundle.log_entries if bundle.keyless else (),
    )
    if bundle.keyless:
        check_log_entry(bundle)
    if not 1 <= len(bundle.certificates) <= MAX_CHAIN:
        raise HostileInput(f"the seal does not carry 1 to {MAX_CHAIN} certificates")
    if len(bundle.timestamps) > 1 or seal_bytes(plain) != data:
        raise HostileInput("the seal is not in the form in which weighbridge writes it")
    return bundle
