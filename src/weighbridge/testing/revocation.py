"""A loopback authority for signing certificates that also answers whether they are revoked.

OCSP (RFC 6960) at ``/ocsp`` and a revocation list (RFC 5280) at ``/crl``. Its certificates prove
nothing outside tests.
"""

from __future__ import annotations

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from weighbridge.testing.x509 import Identity, new_key, now, root_authority

MAX_REQUEST_BYTES = 64 * 2**10
_DAY = dt.timedelta(days=1)


class RevocationAuthority:
    """A root, what it issues, and its answers, while the ``with`` block lasts.

    ``answering`` may be set to False: then every request is refused. ``asked`` counts requests.
    """

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.authority = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.root = root_authority("loopback document authority")
        self.revoked: set[int] = set()
        self.answering = True
        self.asked = 0
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> RevocationAuthority:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def issue(
        self,
        name: str,
        *,
        by_ocsp: bool = True,
        non_repudiation: bool = True,
        begin: dt.datetime | None = None,
        validity: dt.timedelta = 365 * _DAY,
        curve: ec.EllipticCurve | None = None,
        usages: tuple[x509.ObjectIdentifier, ...] = (),
    ) -> Identity:
        """A certificate for signing documents, or with ``usages`` for those."""
        key = ec.generate_private_key(curve) if curve else new_key()
        start = begin or now() - dt.timedelta(hours=1)
        uri = x509.UniformResourceIdentifier
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, uri(f"{self.url}/ocsp"))
        point = x509.DistributionPoint([uri(f"{self.url}/crl")], None, None, None)
        where: x509.ExtensionType = x509.CRLDistributionPoints([point])
        if by_ocsp:
            where = x509.AuthorityInformationAccess([access])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.root.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + validity)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(non_repudiation), critical=True)
            .add_extension(where, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=True)
        return Identity(key, builder.sign(self.root.key, hashes.SHA256()))

    def ocsp(self, query: bytes) -> bytes:
        """The answer about one certificate, signed by the root itself."""
        request = ocsp.load_der_ocsp_request(query)
        gone = request.serial_number in self.revoked
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=request.issuer_name_hash,
                issuer_key_hash=request.issuer_key_hash,
                serial_number=request.serial_number,
                algorithm=request.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
                this_update=now(),
                next_update=now() + _DAY,
                revocation_time=now() if gone else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.root.certificate)
            .sign(self.root.key, hashes.SHA256())
        )
        return answer.public_bytes(Encoding.DER)

    def crl(self) -> bytes:
        """The list of what is revoked."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(now())
            .next_update(now() + _DAY)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
                critical=False,
            )
        )
        for serial in sorted(self.revoked):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now())
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.root.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _usage(non_repudiation: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=non_repudiation,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


class _Server(ThreadingHTTPServer):
    authority: RevocationAuthority
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: stderr belongs to the tests."""

    def do_GET(self) -> None:
        self._send("application/pkix-crl", self.server.authority.crl())

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        self._send("application/ocsp-response", self.server.authority.ocsp(body))

    def _send(self, kind: str, body: bytes) -> None:
        self.server.authority.asked += 1
        if not self.server.authority.answering:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
