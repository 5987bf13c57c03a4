"""Sigstore trust roots from files: ``TrustedRoot``, alone or in a client trust configuration."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from weighbridge.edge.json import load_json
from weighbridge.model.errors import HostileInput

MAX_BYTES = 2**20
TRUSTED_ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
LISTS = ("certificateAuthorities", "ctlogs", "timestampAuthorities", "tlogs")
_TRUST_CONFIG = "application/vnd.dev.sigstore.clienttrustconfig"


def trusted_root_text(data: bytes, *, source: str) -> str:
    """The trust root in a file, as one line of JSON: the same root gives the same text.

    Raises:
        HostileInput: it is neither a ``TrustedRoot`` nor a ``ClientTrustConfig``, or lists nobody.
    """
    body = load_json(data, source=source, max_bytes=MAX_BYTES)
    if isinstance(body, dict) and str(body.get("mediaType", "")).startswith(_TRUST_CONFIG):
        body = body.get("trustedRoot")
    if not isinstance(body, dict) or body.get("mediaType") != TRUSTED_ROOT:
        raise HostileInput(f"{source} is no Sigstore trust root: it has another media type")
    for key in LISTS:
        items = body.get(key) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise HostileInput(f"{key} of {source} is no list of objects")
        for item in items:
            valid_for(item)
    if not any(body.get(key) for key in LISTS):
        raise HostileInput(f"{source} trusts nobody")
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def valid_for(item: dict[str, Any]) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From when to when an instance of a trust root counts: logs say it of their key.

    Raises:
        HostileInput: it cannot be read.
    """
    holder = item if "validFor" in item else item.get("publicKey") or {}
    period = holder.get("validFor") if isinstance(holder, dict) else None
    if period is None:
        return None, None
    if not isinstance(period, dict):
        raise HostileInput("a validFor of the trust root is no object")
    return _time(period.get("start")), _time(period.get("end"))


def _time(value: object) -> dt.datetime | None:
    if value is None:
        return None
    try:
        time = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise HostileInput(
            f"a time of the trust root cannot be read: {str(value)[:60]!r}"
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
