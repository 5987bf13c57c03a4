"""What was read from a model's signature files (OpenSSF Model Signing v1.0).

Evidence of kind ``signature``: one a signature file, about its path, with :class:`SignatureFacts`;
one about the whole subject (``about`` is empty) with :class:`SignatureSummary`; and where there is
no signature file one more about the whole subject that is ``absent``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class SignerFacts(TypedDict):
    """A signer of the policy's trust section; ``fingerprint`` as ``sha256:…``."""

    name: str
    fingerprint: str


class DifferenceFacts(TypedDict):
    """One file that is not what was signed.

    ``cause``: ``changed``, ``missing``, ``added``, ``renamed``, ``symlinked`` or ``unverifiable``.
    ``expected`` is the signed digest and ``actual`` the one found, as ``algorithm:hex``, empty
    where there is none. ``other`` is the name that a renamed file goes by now. ``weight`` says
    whether the file (by either name) counts as a weight file.
    """

    path: str
    cause: str
    expected: str
    actual: str
    other: str
    detail: str
    weight: bool


class IgnoredFacts(TypedDict):
    """An unsigned file in a place that the format leaves out, and why it does."""

    path: str
    reason: str


class StampFacts(TypedDict):
    """One RFC 3161 timestamp on a signature: ``time`` in ISO 8601, empty where it is void.

    ``trusted``: it chains to a root that the policy gives; ``reason`` says why not. ``groups`` are
    the policy's sets of roots that trust it; in Sigstore's mode the trust root does.
    """

    time: str
    authority: str
    trusted: bool
    reason: str
    groups: Sequence[str]


class TrustRootFacts(TypedDict):
    """A pinned Sigstore trust root that was used; ``newest`` is when its newest key began."""

    digest: str
    newest: str


class SigningFacts(TypedDict):
    """Who made a signature and when, as others say.

    ``identities`` and ``issuer`` are what the certificate says, believed only where the signature
    is ``valid``. ``signed_at`` is the earliest trusted time, in ISO 8601, empty where there is
    none; ``time_source`` is ``timestamp``, ``log`` or empty. ``logged``: a trusted transparency log
    includes it. ``key`` is the fingerprint of the certificate's key in certificate mode.
    """

    identities: Sequence[str]
    issuer: str
    signed_at: str
    time_source: str
    time_authority: str
    timestamps: Sequence[StampFacts]
    logged: bool
    trust_roots: Sequence[TrustRootFacts]
    key: str


class SignatureFacts(TypedDict):
    """One signature file.

    ``signature_state``: ``valid`` (a trusted signer's), ``invalid`` (does not match under the key
    that it names or carries), ``no-known-key`` (matches under no trusted key), ``untrusted`` (its
    certificate or the identity in it is not trusted), ``unsupported`` (cannot be verified) or
    ``unrelated`` (a signed statement about something else than a model's files). ``reason`` says
    why it is not valid. ``signing`` is empty where the bundle could not be judged.
    ``mode``: ``key``, ``certificate`` or ``sigstore``; ``hint`` names the key and proves nothing.
    ``opaque`` is true where not even the list of files could be read; all below is then empty.
    ``covered`` are paths whose file has the signed digest; ``by_pointer`` those of them of which
    only a pointer is here. ``root_digest`` is stated, and ``root_consistent`` says whether it is
    that of the listed digests.
    """

    predicate_type: str
    mode: str
    hint: str
    signature_state: str
    reason: str
    opaque: bool
    valid_for: Sequence[SignerFacts]
    model_name: str
    hash_type: str
    root_digest: str
    root_consistent: bool
    covered: Sequence[str]
    by_pointer: Sequence[str]
    differences: Sequence[DifferenceFacts]
    ignored: Sequence[IgnoredFacts]
    signing: SigningFacts


class SignatureSummary(TypedDict):
    """The model as the signature rules see it.

    ``signatures`` are the signature files; ``other_files`` those named like one whose content is
    something else. ``weights`` are all weight files; ``uncovered`` those that no manifest names.
    """

    signatures: Sequence[str]
    other_files: Sequence[str]
    weights: Sequence[str]
    uncovered: Sequence[str]
