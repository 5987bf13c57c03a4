"""Addresses and network errors in words that hold no secret and are the same from run to run."""

from __future__ import annotations

from urllib.parse import urlsplit

from weighbridge.edge.text import visible

_WORDS = {
    "ConnectionRefusedError": "the connection was refused",
    "ConnectionResetError": "the connection was reset",
    "BrokenPipeError": "the connection was broken",
    "RemoteDisconnected": "the server closed the connection without an answer",
    "ProtocolError": "the connection broke off",
    "IncompleteRead": "the answer broke off",
    "ChunkedEncodingError": "the answer broke off",
    "NameResolutionError": "the name is not known",
    "gaierror": "the name is not known",
    "ConnectTimeoutError": "it did not answer in time",
    "ConnectTimeout": "it did not answer in time",
    "ReadTimeoutError": "it did not answer in time",
    "ReadTimeout": "it did not answer in time",
    "TimeoutError": "it did not answer in time",
    "ProxyError": "the proxy refused",
    "SSLCertVerificationError": "its certificate is not valid for it",
    "SSLError": "its certificate could not be checked",
    "NewConnectionError": "no connection could be made",
}


def shown(url: str) -> str:
    """The address for a message: without the user, password and query, which may be secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    return visible(f"{scheme}//{host}{port}{parts.path}", 200)


def reason(error: BaseException) -> str:
    """What went wrong, in words that hold no address and do not change from run to run.

    The texts of the libraries name objects by their place in memory; evidence must not.
    """
    cause: BaseException | None = error
    seen: list[str] = []
    while cause is not None and len(seen) < 8:
        seen.append(type(cause).__name__)
        below = getattr(cause, "reason", None)
        inner = next((a for a in cause.args if isinstance(a, BaseException)), None)
        cause = below if isinstance(below, BaseException) else inner or cause.__cause__
    return _WORDS.get(seen[-1]) or next((_WORDS[n] for n in seen if n in _WORDS), seen[-1])
