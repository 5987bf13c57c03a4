"""A timestamp authority while it is asked: the tokens it gave, and what their validation needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weighbridge.signing.timestamp import request_token

if TYPE_CHECKING:
    from weighbridge.signing.timestamp_token import Token
    from weighbridge.sources.http import HttpClient


@dataclass(slots=True)
class Authority:
    """An RFC 3161 authority at an address. Its methods raise what :func:`request_token` does."""

    http: HttpClient
    url: str
    given: list[Token] = field(default_factory=list)

    def stamp(self, digest: bytes) -> Token:
        """A timestamp over a SHA-2 digest."""
        token = request_token(self.http, self.url, digest)
        self.given.append(token)
        return token

    def archive(
        self, pdf: bytes, certificates: Sequence[bytes], *, number: int = 1
    ) -> tuple[bytes, tuple[str, ...]]:
        """A signed PDF with validation material and a timestamp over all of it; and notes.

        Args:
            pdf: with its signature, and all timestamps that are older.
            certificates: those the signature and the older timestamps rest on, in DER. Those of the
                tokens given so far are added.
            number: how many archive timestamps there will be.
        """
        from weighbridge.seal.pdf_archive import add_archive_timestamp
        from weighbridge.seal.revocation import gather

        material = gather(self.http, [*certificates, *self._carried()])
        return add_archive_timestamp(pdf, self.stamp, material, number=number), material.notes

    def _carried(self) -> list[bytes]:
        from cryptography.hazmat.primitives.serialization import Encoding

        return [
            certificate.public_bytes(Encoding.DER)
            for token in self.given
            for certificate in token.certificates
        ]
