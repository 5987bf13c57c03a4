"""Whom a certificate names, and whether a pin means that one.

A pin is exact, or a glob with ``*`` (any characters but ``/`` and ``@``) and ``**`` (any at all); a
``?`` is one, as addresses have it. So ``*@example.com`` takes every address of that domain and not
the quoted ``"a@evil.example"@example.com``. Case counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509

MAX_IDENTITY = 1024
_ISSUER_V1 = "1.3.6.1.4.1.57264.1.1"
_ISSUER_V2 = "1.3.6.1.4.1.57264.1.8"
_USERNAME = "1.3.6.1.4.1.57264.1.7"


def pin_matches(value: str, pin: str) -> bool:
    """Whether a pin means a name. Neither an empty name nor an empty pin ever matches."""
    if not value or not pin:
        return False
    if "*" not in pin:
        return value == pin
    return _glob(value, pin)


def pins_nothing(pin: str) -> bool:
    """Whether a pin has no letter or digit of its own, so that it would take anybody."""
    return not any(character.isalnum() for character in pin)


def identities(certificate: x509.Certificate) -> tuple[str, ...]:
    """Whom a certificate names, sorted: e-mail addresses and URIs of its alternative names.

    The common name counts only where there is none of them: authorities check it less. A name with
    a character that cannot be seen (a NUL that ends it early for some readers) or with a ``*``
    names nobody and is left out.

    Raises:
        ValueError: an extension cannot be read.
    """
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    names: list[str] = []
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        pass
    else:
        names += alternative.value.get_values_for_type(x509.RFC822Name)
        names += alternative.value.get_values_for_type(x509.UniformResourceIdentifier)
        for other in alternative.value.get_values_for_type(x509.OtherName):
            if other.type_id.dotted_string == _USERNAME:  # Fulcio's, for providers without e-mail
                names.append(_utf8_string(other.value))
    if not names:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = [str(common[0].value)] if len(common) == 1 else []
    return tuple(sorted({name for name in names if _names_somebody(name)}))


def oidc_issuer(certificate: x509.Certificate) -> str:
    """The OpenID provider that a Fulcio certificate names, empty where it names none.

    Raises:
        ValueError: the extension cannot be read.
    """
    for oid in (_ISSUER_V2, _ISSUER_V1):
        for extension in certificate.extensions:
            if extension.oid.dotted_string == oid:
                raw = extension.value.public_bytes()
                issuer = _utf8_string(raw) if oid == _ISSUER_V2 else raw.decode("utf-8")
                return issuer if _names_somebody(issuer) else ""
    return ""


def issuer_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names of the authority that issued a certificate: its common name, and all of it."""
    from cryptography.x509.oid import NameOID

    common = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [str(name.value) for name in common] if len(common) == 1 else []
    return tuple(name for name in [*names, certificate.issuer.rfc4514_string()] if name)


def _names_somebody(name: str) -> bool:
    printable = name.isprintable() and name == name.strip() and "*" not in name
    return printable and 0 < len(name) <= MAX_IDENTITY


def _utf8_string(der: bytes) -> str:
    from asn1crypto import core

    value = core.UTF8String.load(der, strict=True).native
    if not isinstance(value, str):
        raise ValueError("it is no text")
    return value


def _glob(value: str, pin: str) -> bool:
    """Match without backtracking: the cost is at most the product of the two lengths."""
    parts = [part for part in re.split(r"(\*{2,}|\*)", pin) if part]
    # the pin as single characters and stars, and the places in it that can be reached so far
    steps = [s for part in parts for s in ((part[:2],) if part[0] == "*" else part)]
    reached = _past_stars({0}, steps)
    for character in value:
        after = set()
        for at in reached:
            step = steps[at] if at < len(steps) else ""
            if step == "**" or (step == "*" and character not in "/@"):
                after.add(at)
            elif step == character:
                after.add(at + 1)
        reached = _past_stars(after, steps)
        if not reached:
            return False
    return len(steps) in reached


def _past_stars(reached: set[int], steps: list[str]) -> set[int]:
    """A star may stand for nothing."""
    for at in sorted(reached):
        here = at
        while here < len(steps) and steps[here] in ("*", "**"):
            here += 1
            reached.add(here)
    return reached
