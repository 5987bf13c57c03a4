"""The files that ``weighbridge sign`` signs, and how they are hashed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.signing.incremental import SignedModel
    from weighbridge.signing.manifest import Manifest
    from weighbridge.signing.signers import Signer


@dataclass(frozen=True, slots=True)
class What:
    """The options about files. ``old_key`` is a public key, or a private one whose half it is."""

    hash_type: str
    shard_size: str
    ignore: tuple[str, ...]
    since: str
    old_key: str
    allow_pointers: bool
    trust_cache_names: bool

    def earlier(self, password: Callable[[], bytes | None]) -> Manifest | None:
        """The earlier signature's manifest, verified; None where none is given.

        Raises:
            UsageError: no key is given to verify it with, or it cannot be read.
            CannotSign: it does not hold.
        """
        if not self.since:
            return None
        from weighbridge.cli.paths import read_small
        from weighbridge.signing import keys
        from weighbridge.signing.bundle import MAX_BYTES
        from weighbridge.signing.incremental import read_earlier

        if not self.old_key:
            raise UsageError(
                "no key is given to verify the earlier signature with",
                remedy="Give its signer's public key with --key-of-old.",
            )
        pem = read_small(Path(self.old_key), keys.MAX_PEM_BYTES, "the key")
        if b"PRIVATE KEY-----" in pem:
            private = keys.load_private_key(pem, password())
            pem = keys.public_pem(private.public_key()).encode("ascii")
        data = read_small(Path(self.since), MAX_BYTES, "the earlier signature")
        return read_earlier(data, keys.trusted_signer(self.old_key, pem))

    @property
    def shard_bytes(self) -> int:
        """The size of shards, 0 for whole files.

        Raises:
            UsageError: it is not a number of bytes.
        """
        if not self.shard_size:
            return 0
        if not self.shard_size.isascii() or not self.shard_size.isdigit():
            raise UsageError(f"--shard-size {self.shard_size!r} is not a number of bytes")
        size = int(self.shard_size[:20])
        if not 0 < size < 2**63:
            raise UsageError(f"--shard-size {self.shard_size!r} is no possible size")
        return size


def signed(
    model: Path, signer: Signer, what: What, signature_path: str, earlier: Manifest | None
) -> SignedModel:
    """Sign the model's files."""
    from weighbridge.signing.incremental import sign_model
    from weighbridge.snapshot.cache import DigestCache, cache_allowed
    from weighbridge.snapshot.listing import list_subject

    return sign_model(
        list_subject(model),
        signer,
        hash_type=what.hash_type,
        shard_size=what.shard_bytes,
        signature_path=signature_path,
        ignore=what.ignore,
        allow_pointers=what.allow_pointers,
        trust_names=what.trust_cache_names,
        since=earlier,
        cache=DigestCache() if cache_allowed() else None,
    )
