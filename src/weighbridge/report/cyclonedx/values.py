"""Values as the document may hold them: text made safe, references, addresses, hashes."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from weighbridge.edge.text import visible

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashType
    from packageurl import PackageURL

MAX_TEXT = 4_000
MAX_NAME = 500
MAX_VERSION = 1_000  # the schema takes 1,024
MAX_URL = 2_000

_HASHES = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+\Z")
# XML 1.0 section 2.2 leaves these out, and Unicode counts them neither as control nor as format.
_NOT_XML = str.maketrans({"\ufffe": "\\ufffe", "\uffff": "\\uffff"})
# An address whose every character is one of RFC 3986: valid as IRI reference and as xs:anyURI.
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{0,30}://(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
    r"(?:[/?#](?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)*\Z"
)
_PLAIN = re.compile(r"[^#\\\"'<>&\s]+\Z")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """One line that JSON and XML may hold: every control and format character is an escape."""
    if len(text) <= limit and text.isprintable():
        return text  # no character of those that are escaped is printable
    return visible(text, limit).translate(_NOT_XML)


def reference(kind: str, text: str) -> str:
    """A ``bom-ref``: readable, and another one for every other text.

    What would have to be escaped or cut, or looks like such a reference, ends in a digest of it.
    """
    shown = clean(text, 200)
    if shown == text and _PLAIN.match(text):
        return f"{kind}:{text}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{kind}:{_PLAIN_ONLY.sub('_', shown)}#{digest}"


_PLAIN_ONLY = re.compile(r"[#\\\"'<>&\s]")


def address(text: str) -> str:
    """The text if it is an absolute address that both formats take as it is, else empty."""
    if len(text) > MAX_URL or not _ADDRESS.match(text) or text.count("#") > 1:
        return ""
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    _, colon, port = authority.partition(":")
    return "" if colon and not port.isdecimal() else text


def relative(path: str) -> str:
    """A path of the subject as a relative reference (RFC 3986, section 4.2)."""
    from urllib.parse import quote

    return "./" + quote(path, safe="/", errors="surrogatepass")


def is_digest(text: str) -> bool:
    """Whether the text is ``algorithm:hex`` of an algorithm that stands in the document."""
    algorithm, _, value = text.partition(":")
    return len(value) == _HEX_DIGITS.get(algorithm) and bool(_HEX.match(value))


def hashes(texts: Iterable[str]) -> list[HashType]:
    """``algorithm:hex`` of SHA-2 as the library's hashes; others are left out."""
    from cyclonedx.model import HashAlgorithm, HashType

    pairs = [text.partition(":") for text in texts if is_digest(text)]
    return [
        HashType(alg=HashAlgorithm(_HASHES[algorithm]), content=value)
        for algorithm, _, value in pairs
    ]


@functools.lru_cache(maxsize=20_000)  # each is asked for a few times while one is written
def package_url(text: str) -> PackageURL | None:
    """A package URL, or None where the text is none (ECMA-427)."""
    from packageurl import PackageURL

    if not text or len(text) > MAX_URL or clean(text, MAX_URL) != text:
        return None
    try:
        return PackageURL.from_string(text)
    except ValueError:
        return None


def external(
    kind: ExternalReferenceType, url: str, *, comment: str = "", digests: Iterable[str] = ()
) -> ExternalReference:
    """A reference to an address that :func:`address` or :func:`relative` gave."""
    from cyclonedx.model import ExternalReference, XsUri

    return ExternalReference(
        type=kind, url=XsUri(url), comment=comment or None, hashes=hashes(digests)
    )
