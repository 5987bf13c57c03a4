"""Sigstore trust roots as pinned files: which keys count, and from when to when.

A ``TrustedRoot`` (sigstore/protobuf-specs) lists certificate authorities, logs and timestamp
authorities, each with a ``validFor``. An instance withdraws a key by ending its ``validFor``:
sigstore-python 4.5.1 heeds that end for timestamp authorities alone, so it is held against the
signing time here for all of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

from weighbridge.edge.trusted_root import LISTS, trusted_root_text, valid_for
from weighbridge.model.digest import sha256
from weighbridge.model.errors import ConfigurationError, HostileInput
from weighbridge.signing.verdict import RootNote

_HEEDED_HERE = ("certificateAuthorities", "ctlogs", "tlogs")


def normalized_root(data: bytes, source: str) -> str:
    """The trusted root in a file, as one line of JSON: the same root gives the same text.

    Args:
        data: a ``TrustedRoot``, or a ``ClientTrustConfig`` that holds one.
        source: what messages call the file.

    Raises:
        ConfigurationError: it is neither.
    """
    try:
        return trusted_root_text(data, source="the trust root")
    except HostileInput as error:
        raise ConfigurationError(
            error.message,
            source=source,
            remedy="Give the instance's trusted_root.json, or its client trust configuration.",
        ) from error


def public_root() -> str:
    """The public Sigstore instance's trust root, as it came with the installed sigstore-python."""
    from importlib import resources
    from urllib.parse import quote

    from sigstore._internal.tuf import DEFAULT_TUF_URL

    folder = resources.files("sigstore._store") / quote(DEFAULT_TUF_URL, safe="")
    return normalized_root((folder / "trusted_root.json").read_bytes(), "sigstore's own trust root")


def root_note(text: str) -> RootNote:
    """A name for a trusted root, and how new its newest key is."""
    newest = max(
        (start for _, start, _ in _instances(json.loads(text)) if start),
        default=dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    )
    return RootNote(sha256(text.encode()), newest.date())


def root_at(text: str, times: Sequence[dt.datetime]) -> tuple[str, tuple[str, ...]]:
    """The trusted root without what was not valid at all of these times, and what was left out.

    Timestamp authorities stay: sigstore-python holds each against its own stamp.
    """
    body = json.loads(text)
    left_out = []
    for key in _HEEDED_HERE:
        kept = []
        for item in body.get(key) or ():
            start, end = valid_for(item)
            if all((not start or start <= t) and (not end or t <= end) for t in times):
                kept.append(item)
            else:
                left_out.append(f"{key} {item.get('uri') or item.get('baseUrl') or '?'}")
        body[key] = kept
    return json.dumps(body), tuple(left_out)


def _instances(
    body: dict[str, Any],
) -> Iterator[tuple[str, dt.datetime | None, dt.datetime | None]]:
    for key in LISTS:
        for item in body.get(key) or []:
            yield (key, *valid_for(item))
