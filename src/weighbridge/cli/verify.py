"""``weighbridge verify MODEL``: is this what was signed, by whom, and what differs.

Nothing heavy is imported on the way: a small model is verified in about a tenth of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from weighbridge.cli.light import Argument, option
from weighbridge.model.errors import UsageError

if TYPE_CHECKING:
    from weighbridge.cli.trust_options import Trusted
    from weighbridge.snapshot.cache import DigestCache
    from weighbridge.snapshot.listing import Listing

FORMATS = ("text", "json")


def verify(
    model: Annotated[str, Argument(help="The model's folder, or its one file.")],
    key: Annotated[
        list[str] | None,
        option(help="A public key to trust, in PEM; repeat. With --trust: one it has by digest."),
    ] = None,
    signature: Annotated[
        str, option(help="The signature file. Default: every one in the folder, or FILE.sig.")
    ] = "",
    only: Annotated[
        list[str] | None,
        option(help="Verify the files that match this glob and no others; repeat for more."),
    ] = None,
    allow_legacy: Annotated[
        bool,
        option("--allow-legacy-v0.2", help="Take signatures that model_signing 0.2 made, too."),
    ] = False,
    no_digest_cache: Annotated[
        bool,
        option("--no-digest-cache", help="Read every file, even one that was read before."),
    ] = False,
    format_: Annotated[str, option("--format", "-f", help="text or json.")] = "text",
    output: Annotated[
        str, option("--output", "-o", help="Write the result here instead of to stdout.")
    ] = "",
    identity: Annotated[
        str,
        option(help="Whom the signer's certificate must name; a glob may have * and **."),
    ] = "",
    issuer: Annotated[
        str,
        option(help="Who must vouch for --identity: an OpenID provider, or an authority."),
    ] = "",
    certificate_root: Annotated[
        list[str] | None,
        option(help="An authority to believe, in PEM; repeat for more. No others are."),
    ] = None,
    trusted_root: Annotated[
        str,
        option(help="A Sigstore instance's trust root. Default: the public instance's."),
    ] = "",
    timestamp_root: Annotated[
        list[str] | None,
        option(help="A timestamp authority's root, in PEM or DER; repeat for more."),
    ] = None,
    trust: Annotated[
        str, option(help="Whom to trust, and what to demand, as this policy says.")
    ] = "",
) -> None:
    """Verify a model's signature and explain what differs.

    Exit code 0: signed by one who is trusted, and every file is as signed (with --only: every file
    that it names, and nothing is said of the others); 1: not so; 3: a file or the signature could
    not be checked; 2: an error, nothing may be concluded.
    """
    from functools import partial

    from weighbridge.cli import verify_show
    from weighbridge.cli.paths import check_model
    from weighbridge.cli.trust_options import Options, trusted
    from weighbridge.cli.verify_signing import unmet_demands
    from weighbridge.signing.model import verify_model
    from weighbridge.signing.oms import verify_oms
    from weighbridge.snapshot.listing import list_subject

    if format_ not in FORMATS:
        raise UsageError(f"unknown format {format_!r}", remedy=f"One of {', '.join(FORMATS)}.")
    trusted_ = trusted(
        Options(
            tuple(key or ()),
            tuple(certificate_root or ()),
            identity,
            issuer,
            trusted_root,
            tuple(timestamp_root or ()),
            trust,
        )
    )
    check_model(Path(model))
    if not signature and Path(model).is_file():
        signature = f"{model}.sig"
    given_path, given = _given(Path(model), signature) if signature else ("", None)
    listing = list_subject(model)
    verified = verify_model(
        listing,
        partial(
            verify_oms,
            signers=trusted_.signers,
            at=trusted_.at,
            timestamp_roots=trusted_.timestamp_roots,
            at_hand=_at_hand(trusted_, listing),
        ),
        given=given,
        given_path=given_path,
        only=only or (),
        legacy=allow_legacy,
        cache=_cache(no_digest_cache),
    )
    unmet = unmet_demands(verified, trusted_)
    show = verify_show.as_json if format_ == "json" else verify_show.as_text
    _show(show(verified, unmet, trusted_.at.date()), output)
    raise SystemExit(int(verify_show.exit_code(verified, unmet)))


def _at_hand(trusted: Trusted, listing: Listing) -> tuple[bytes, ...]:
    """What may be a key of which a policy trusts the fingerprint."""
    from weighbridge.signing.fingerprints import is_needed, keys_on_disk

    if not is_needed(trusted.signers):
        return ()
    return (*trusted.keys, *keys_on_disk(listing))


def _cache(off: bool) -> DigestCache | None:
    from weighbridge.snapshot.cache import DigestCache, cache_allowed

    return None if off or not cache_allowed() else DigestCache()


def _given(model: Path, signature: str) -> tuple[str, tuple[str, bytes]]:
    """The signature's path in the model where it lies there, and its name and its bytes."""
    from weighbridge.cli.paths import read_small, relative_to_model
    from weighbridge.signing.bundle import MAX_BYTES

    data = read_small(Path(signature), MAX_BYTES, "the signature")
    path = relative_to_model(Path(signature), model)
    return path, (path or signature, data)


def _show(text: str, output: str) -> None:
    if output:
        from weighbridge.cli.paths import write_result

        write_result(Path(output), text.encode("utf-8"))
        return
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.flush()
