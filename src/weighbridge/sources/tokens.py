"""Tokens of the services, from the environment or the system's keyring.

A token is sent over https, or to this machine itself, and to the host that it belongs to. It stands
in no message, representation or record.

GitHub: ``GH_TOKEN``, then ``GITHUB_TOKEN``, as its command line has it, for ``api.github.com`` or
what ``GITHUB_API_URL`` names (GitHub's runners set it). ``GH_ENTERPRISE_TOKEN``, then
``GITHUB_ENTERPRISE_TOKEN``, for the server that ``GH_HOST`` names. Hugging Face: ``HF_TOKEN``, for
the hub that is configured, as its own client does.

Where the variables are not set and the library ``keyring`` is installed, it is asked for the entry
``weighbridge`` of the host: ``keyring set weighbridge api.github.com``. It is no dependency.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

KEYRING_SERVICE = "weighbridge"
_GITHUB_HOST = "api.github.com"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Token:
    """A secret and where it was found (``the variable GITHUB_TOKEN``, ``the keyring``)."""

    value: str = field(repr=False)
    found_in: str

    def header(self) -> dict[str, str]:
        """As a header; whoever shows that shows the token."""
        return {"Authorization": f"Bearer {self.value}"}


def github_token(address: str) -> Token | None:
    """The token for the forge at an address; None where there is none that may go there."""
    host = _trusted_host(address)
    if not host:
        return None
    token = None
    if host in _LOOPBACK or host in _github_hosts():
        token = _variable("GH_TOKEN", "GITHUB_TOKEN")
    if token is None and host in _enterprise_hosts():
        token = _variable("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
    return token or _from_keyring(host)


def hub_token(address: str) -> Token | None:
    """The token for the configured hub; None where there is none that may go there."""
    host = _trusted_host(address)
    return (_variable("HF_TOKEN") or _from_keyring(host)) if host else None


def github_headers(address: str) -> Mapping[str, str]:
    """:func:`github_token` as headers."""
    token = github_token(address)
    return token.header() if token else {}


def hub_headers(address: str) -> Mapping[str, str]:
    """:func:`hub_token` as headers."""
    token = hub_token(address)
    return token.header() if token else {}


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address.strip())
        return parts if parts.hostname else None
    except ValueError:
        return None


def _trusted_host(address: str) -> str:
    """The host, if nobody on the way to it can listen; empty otherwise."""
    parts = _split(address)
    if parts is None or parts.hostname is None:
        return ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return parts.hostname if safe else ""


def _github_hosts() -> tuple[str, ...]:
    named = _split(os.environ.get("GITHUB_API_URL", ""))
    return (_GITHUB_HOST, *([named.hostname] if named and named.hostname else []))


def _enterprise_hosts() -> tuple[str, ...]:
    named = os.environ.get("GH_HOST", "").strip().lower()
    return (named, f"api.{named}") if named else ()


def _variable(*names: str) -> Token | None:
    for name in names:
        value = os.environ.get(name, "").strip()
        if value and value.isascii():
            return Token(value, f"the variable {name}")
    return None


def _from_keyring(host: str) -> Token | None:
    """What the keyring holds for a host. One that is locked or broken holds nothing."""
    if host in _LOOPBACK:
        return None
    try:
        keyring = importlib.import_module(_KEYRING)
        refused = importlib.import_module(f"{_KEYRING}.errors").KeyringError
    except (ImportError, AttributeError):
        return None
    try:
        value = keyring.get_password(KEYRING_SERVICE, host)
    except (refused, RuntimeError, OSError, ValueError):
        return None
    value = value.strip() if isinstance(value, str) else ""
    return Token(value, "the keyring") if value and value.isascii() else None
