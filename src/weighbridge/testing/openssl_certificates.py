"""RSA authorities and signers' certificates, made by the ``openssl`` command for tests.

They prove nothing outside of them. What others' tools write is what Weighbridge has to read.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_SIGNER = (
    "basicConstraints=critical,CA:FALSE\n"
    "keyUsage=critical,digitalSignature,nonRepudiation\n"
    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    "subjectAltName=email:ada@example.com\n"
)
_ROOT = (
    "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign",
    "subjectKeyIdentifier=hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpensslSigner:
    """A key and its certificates in PEM, and the files they lie in."""

    key: bytes
    certificate: bytes
    root: bytes
    folder: Path

    def pkcs12(self, password: str) -> bytes:
        """A PKCS#12 file with all of it."""
        out = self.folder / "signer.p12"
        openssl(
            "pkcs12", "-export", "-inkey", self.folder / "key.pem", "-in", self.folder / "cert.pem",
            "-certfile", self.folder / "root.pem", "-passout", f"pass:{password}", "-out", out,
        )  # fmt: skip
        return out.read_bytes()


def openssl(*arguments: object) -> bytes:
    """Run the command; what it wrote to stdout."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def rsa_signer(
    folder: Path,
    *,
    bits: int = 2048,
    digest: str = "sha256",
    pss: bool = False,
    exponent: int = 65537,
) -> OpensslSigner:
    """An RSA key with a certificate by an RSA root.

    Args:
        folder: an empty one for the files.
        bits: the key's size.
        digest: by which the root signs the certificate.
        pss: the root signs by RSASSA-PSS.
        exponent: the key's public exponent.
    """
    key, request, certificate = (folder / name for name in ("key.pem", "request.pem", "cert.pem"))
    root, root_key = folder / "root.pem", folder / "root-key.pem"
    extensions = [part for line in _ROOT for part in ("-addext", line)]
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", root_key, "-out", root,
        "-days", 3650, "-subj", "/CN=openssl document root", "-sha256", *extensions,
    )  # fmt: skip
    openssl(
        "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt",
        f"rsa_keygen_pubexp:{exponent}", "-out", key,
    )  # fmt: skip
    openssl("req", "-new", "-key", key, "-subj", "/CN=Ada, by openssl", "-out", request)
    (folder / "extensions").write_text(_SIGNER)
    padding = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1") if pss else ()
    openssl(
        "x509", "-req", "-in", request, "-CA", root, "-CAkey", root_key, "-set_serial", 4711,
        "-days", 365, f"-{digest}", "-extfile", folder / "extensions", "-out", certificate,
        *padding,
    )  # fmt: skip
    return OpensslSigner(key.read_bytes(), certificate.read_bytes(), root.read_bytes(), folder)
