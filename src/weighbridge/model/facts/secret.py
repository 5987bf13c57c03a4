"""Evidence of kind ``secret``: credentials that lie in the subject, without their values.

No payload ever holds a secret. ``masked`` has its first four characters, which for provider tokens
are the public prefix, and none at all of a password. ``fingerprint`` is the SHA-256 of the value,
cut to 12 hexadecimal digits, so that the same secret at two places is recognized, in two runs as
well. It is not keyed: a key would have to lie in the record for two runs to agree. The values it is
made of have 80 bits of chance or more and cannot be guessed from it; a password can, so of values
that people choose there is no fingerprint (empty).
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class SecretFacts(TypedDict):
    """About a path: one place where a secret lies.

    ``rule`` is the pattern's id, or for what another scanner found that scanner's. ``severity`` is
    ``critical``, ``high``, ``medium`` or ``low``. ``line`` counts from 1 (in ``member``, where that
    is not empty), ``offset`` in bytes from 0, -1 where it means nothing. ``member`` is a notebook's
    part: ``cell 3``, ``cell 3 output 1``. ``validated`` says what speaks for it being one:
    ``checksum``, ``structure``, ``length`` (prefix, alphabet and length), ``entropy``, or
    ``reported`` (another scanner's word). ``length`` counts characters, 0 where it is not known.
    ``commit`` is the commit that added it, empty for what lies in the files now. ``reference`` is
    the name that leads to that commit (``refs/heads/side``, ``refs/tags/v1``, ``stash@{1}``), empty
    where the newest commit does; records made before this field was have none. ``source`` is
    ``weighbridge``, or the scanner that found it.
    """

    part: Literal["secret"]
    rule: str
    provider: str
    title: str
    severity: str
    path: str
    line: int
    member: str
    offset: int
    validated: str
    masked: str
    length: int
    fingerprint: str
    commit: str
    reference: NotRequired[str]
    source: str


class CredentialKey(TypedDict):
    """A key of a configuration that names a credential.

    ``form``: ``literal``, ``environment`` (read from a variable), ``vault`` (read from a store of
    secrets). Empty values and placeholders are not listed.
    """

    key: str
    line: int
    form: Literal["literal", "environment", "vault"]


class CredentialsFacts(TypedDict):
    """About a path: the keys of one configuration file that name credentials."""

    part: Literal["credentials"]
    keys: list[CredentialKey]
    dropped: int


class ImportedFacts(TypedDict):
    """A report of another scanner. ``digest`` is the file's SHA-256; its bytes are not kept, since
    such reports quote the secrets."""

    file: str
    digest: str
    tool: str
    results: int


class SecretSummaryFacts(TypedDict):
    """About "": what was looked at.

    ``narrow`` counts files in which only provider tokens were looked for (vocabularies, lock files,
    data); ``left_out`` those that were not read at all: weights' tensors, archives, images.
    ``references`` counts the names that ``commits`` were walked from, the newest commit among them.
    ``gaps`` say what should have been read and was not. ``dropped`` counts findings past the bound.
    """

    part: Literal["summary"]
    files: int
    bytes: int
    narrow: int
    left_out: int
    history: bool
    commits: int
    blobs: int
    references: NotRequired[int]
    gaps: list[str]
    dropped: int
    imported: list[ImportedFacts]
