"""A loopback RFC 3161 timestamp authority, with every way of failing that a client must survive.

Its clock is this machine's and its root is made at start: a stamp of it proves nothing outside
tests and the demo.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import os
import threading
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from weighbridge.testing import x509 as certificates

POLICY = "1.3.6.1.4.1.57264.2"
MEDIA_TYPE = "application/timestamp-reply"
STALL_SECONDS = 60.0
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class Mode(enum.StrEnum):
    """How the authority answers."""

    GRANT = "grant"
    GRANT_WITH_MODS = "grant-with-mods"
    UNSORTED = "unsorted"  # the chain in an order that is not DER, as `openssl ts` writes it
    NO_CERTIFICATE = "no-certificate"
    REFUSE = "refuse"  # a well-formed rejection
    STALL = "stall"  # no answer until the server stops
    SERVER_ERROR = "server-error"
    HTML = "html"  # a captive portal
    GARBAGE = "garbage"
    WRONG_IMPRINT = "wrong-imprint"
    WRONG_NONCE = "wrong-nonce"
    WRONG_SIGNATURE = "wrong-signature"
    EXPIRED = "expired"  # signed under a certificate that ended before the time it states


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    media_type: str
    body: bytes


class TimestampAuthority:
    """``mode`` may be set at any time. ``requests`` counts what was asked, in whatever mode."""

    def __init__(self) -> None:
        self.root = certificates.root_authority("loopback timestamp root")
        usage = (ExtendedKeyUsageOID.TIME_STAMPING,)
        self.signer = certificates.leaf("loopback timestamp authority", self.root, usage)
        long_ago = certificates.now() - dt.timedelta(days=900)
        self.expired = certificates.leaf(
            "loopback timestamp authority of old", self.root, usage,
            valid_from=long_ago, validity=dt.timedelta(days=30),
        )  # fmt: skip
        self.mode = Mode.GRANT
        self.requests = 0
        self.stopping = threading.Event()

    def answer(self, query: bytes) -> Answer:
        """Answer one HTTP request as the mode says."""
        self.requests += 1
        if self.mode is Mode.STALL:
            self.stopping.wait(STALL_SECONDS)
            return Answer(503, "text/plain", b"")
        if self.mode is Mode.SERVER_ERROR:
            return Answer(500, "text/plain", b"out of order")
        if self.mode is Mode.HTML:
            return Answer(200, "text/html", b"<html><body>Please log in</body></html>")
        if self.mode is Mode.GARBAGE:
            return Answer(200, MEDIA_TYPE, b"0\x82\x10\x00" + bytes(range(256)))
        if self.mode is Mode.REFUSE:
            return Answer(200, MEDIA_TYPE, _rejection())
        return Answer(200, MEDIA_TYPE, self.stamp(query))

    def stamp(self, query: bytes, when: dt.datetime | None = None) -> bytes:
        """A DER ``TimeStampResp`` for a DER ``TimeStampReq``."""
        request = tsp.TimeStampReq.load(query, strict=True)
        content = self._content(request, when or certificates.now()).dump()
        signer = self.expired if self.mode is Mode.EXPIRED else self.signer
        certificate = asn1_x509.Certificate.load(signer.der)
        chain: list[Any] = [certificate] if request["cert_req"].native else []
        if self.mode is Mode.NO_CERTIFICATE:
            chain = []
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [_sha256()],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": chain,
                "signer_infos": [self._signer_info(signer, certificate, content)],
            }
        )
        if self.mode is Mode.UNSORTED:
            signed["certificates"] = _unsorted([signer.der, self.root.der])
        status = "granted_with_mods" if self.mode is Mode.GRANT_WITH_MODS else "granted"
        return _response(
            status, cms.ContentInfo({"content_type": "signed_data", "content": signed})
        )

    def _content(self, request: tsp.TimeStampReq, when: dt.datetime) -> tsp.TSTInfo:
        imprint = request["message_imprint"]
        if self.mode is Mode.WRONG_IMPRINT:
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            imprint = tsp.MessageImprint(
                {
                    "hash_algorithm": {"algorithm": algorithm},
                    "hashed_message": _HASHES[algorithm](b"something else").digest(),
                }
            )
        fields: dict[str, Any] = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": int.from_bytes(os.urandom(8), "big"),
            "gen_time": when,
            "accuracy": {"seconds": 1},
        }
        nonce = request["nonce"].native
        if nonce is not None:
            fields["nonce"] = nonce + 1 if self.mode is Mode.WRONG_NONCE else nonce
        return tsp.TSTInfo(fields)

    def _signer_info(
        self,
        signer: certificates.Identity,
        certificate: asn1_x509.Certificate,
        content: bytes,
    ) -> cms.SignerInfo:
        ess = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(signer.der).digest()})
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [ess]})),
            ]
        )
        signed = attributes.untag().dump(force=True)
        if self.mode is Mode.WRONG_SIGNATURE:
            signed += b"\0"
        serial = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": serial}),
                "digest_algorithm": _sha256(),
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signer.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            }
        )


def _sha256() -> algos.DigestAlgorithm:
    return algos.DigestAlgorithm({"algorithm": "sha256"})


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _response(status: str, token: cms.ContentInfo) -> bytes:
    body = {"status": {"status": status}, "time_stamp_token": token}
    return bytes(tsp.TimeStampResp(body).dump())


def _rejection() -> bytes:
    status = {
        "status": "rejection",
        "status_string": ["the loopback authority was told to refuse"],
        "fail_info": {"system_failure"},
    }
    # asn1crypto takes the token of a TimeStampResp for mandatory; RFC 3161 2.4.2 leaves it out here
    return bytes(core.SequenceOf([tsp.PKIStatusInfo(status)], spec=tsp.PKIStatusInfo).dump())


def _unsorted(certificates_der: list[bytes]) -> cms.CertificateSet:
    """A certificate SET in descending order, which DER forbids and `openssl ts` may write."""
    body = b"".join(sorted(certificates_der, reverse=True))
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    header = b"\xa0" + (bytes([0x80 | len(length)]) + length)  # [0] IMPLICIT, long form
    return cms.CertificateSet.load(header + body, implicit=0)
