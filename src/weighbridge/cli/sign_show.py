"""What ``weighbridge sign`` says: as text for a person, as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from weighbridge.edge.text import visible

if TYPE_CHECKING:
    from weighbridge.cli.signer_options import Chosen
    from weighbridge.signing.bundle import Bundle
    from weighbridge.signing.incremental import SignedModel

SCHEMA = "urn:weighbridge:sign:1"
KEY_SCHEMA = "urn:weighbridge:new-key:1"
MAX_NAMED = 20  # names of files that were not read, before the rest is counted


def as_json(signature: str, chosen: Chosen, result: SignedModel) -> str:
    """One object. ``signed`` names every file; what is written does not depend on internal types.

    Args:
        signature: the file that was written.
        chosen: who signed.
        result: what was signed.
    """
    from weighbridge.signing.bundle import Bundle

    manifest, bundle = result.manifest, Bundle.from_bytes(result.bundle)
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "signature": signature,
        "mode": bundle.mode,
        "key": chosen.fingerprint,
        "identities": _identities(bundle),
        "timestamps": len(bundle.timestamps),
        "logged": bool(bundle.log_entries),
        "model_name": manifest.model_name,
        "hash_type": manifest.hash_type,
        "shard_size": manifest.shard_size,
        "root_digest": str(manifest.root),
        "tree_digest": str(manifest.tree_digest),
        "signed": [{"path": file.path, "digest": str(file.digest)} for file in manifest.files()],
        "left_out": list(manifest.ignore_paths),
        "not_covered": list(result.empty),
        "not_read": [
            {"path": path, "origin": result.not_read[path].value}
            for path in sorted(result.not_read)
        ],
        "bytes_read": result.bytes_read,
        "bytes_not_read": result.bytes_not_read,
    }
    return json.dumps(body, indent=2)


def as_text(signature: str, chosen: Chosen, result: SignedModel) -> str:
    """A few lines: how many files, by whom, and what was not read or is not covered."""
    count = len(result.manifest.files())
    first = f"Signed {count} files in {visible(signature)} {visible(chosen.description)}."
    return "\n".join([first, *_said(result)])


def key_as_json(private: str, public: str, fingerprint: str, encrypted: bool) -> str:
    """A new key pair's files, as one object."""
    body = {
        "schema": KEY_SCHEMA,
        "private_key": private,
        "public_key": public,
        "fingerprint": fingerprint,
        "encrypted": encrypted,
    }
    return json.dumps(body, indent=2)


def key_as_text(private: str, public: str, fingerprint: str, _encrypted: bool) -> str:
    """A new key pair's files, as a line."""
    return f"Wrote {visible(private)} and {visible(public)}, fingerprint {fingerprint}."


def _identities(bundle: Bundle) -> list[str]:
    """Whom the signer's certificate names, made safe to show; nobody where there is none."""
    if not bundle.certificates:
        return []
    from weighbridge.signing.certificates import load_chain
    from weighbridge.signing.identity import identities

    return [visible(name) for name in identities(load_chain(bundle.certificates[:1])[0])]


def _said(result: SignedModel) -> Iterator[str]:
    """What a person has to know beside the number of files."""
    yield f"tree digest {result.manifest.tree_digest}"
    yield (
        f"read        {result.bytes_read} bytes"
        + (f"; not read {result.bytes_not_read} bytes" if result.not_read else "")
    )
    names = sorted(result.not_read)
    for path in names[:MAX_NAMED]:
        yield f"{result.not_read[path].value:<11} {visible(path)}"
    if len(names) > MAX_NAMED:
        yield f"and {len(names) - MAX_NAMED} more that were not read"
    for path in result.empty[:MAX_NAMED]:
        yield f"not covered {visible(path)}: an empty file has no shard"
    if len(result.empty) > MAX_NAMED:
        yield f"and {len(result.empty) - MAX_NAMED} more empty files"
