"""Names of models: what a Hub id is, its package URL, and when two names mean the same model.

Sources: huggingface_hub's ``validate_repo_id``; purl-spec, type ``huggingface`` (name and namespace
keep their case, the version is a commit in lower case).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from weighbridge.model.subject import SubjectKind
from weighbridge.snapshot.snapshot import Snapshot

_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_ID = re.compile(rf"(?:{_PART}/)?{_PART}\Z")
_PAGE = re.compile(
    rf"https?://(?:www\.)?(?:huggingface\.co|hf\.co)/({_PART}/{_PART})"
    r"(?:/(?:tree|blob|resolve|commit)/([^/?#\s]{1,200}))?(?:[/?#].*)?\Z"
)
_NOT_MODELS = ("datasets/", "spaces/", "docs/", "blog/", "papers/", "collections/", "models/")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z", re.IGNORECASE)
_CHECKPOINT = re.compile(r"checkpoint-\d{1,9}\Z")
_LETTERS = re.compile(r"[\W_]+")
MAX_ID = 300  # characters


@dataclass(frozen=True, slots=True)
class Reference:
    """A model that something names: as written, its Hub id (empty where it is none), a revision."""

    written: str
    hub_id: str = ""
    revision: str = ""

    @property
    def purl(self) -> str:
        """``pkg:huggingface/…`` of a Hub id; with a version only where a commit is given."""
        namespace, _, name = self.hub_id.rpartition("/")
        return purl(namespace, name, self.revision) if name else ""


def reference(text: str, revision: str = "") -> Reference:
    """What a text in the place of a model's name stands for. A revision of its own goes first."""
    written = text.strip()[:MAX_ID]
    page = _PAGE.match(written)
    if page is not None and not page.group(1).startswith(_NOT_MODELS):
        return Reference(written, page.group(1), unquote(page.group(2) or "") or revision)
    return Reference(written, written if is_hub_id(written) else "", revision)


def is_hub_id(text: str) -> bool:
    """Whether the Hub would take a text for a repository's id."""
    return bool(_ID.match(text)) and "--" not in text and ".." not in text


def is_local(text: str) -> bool:
    """Whether a text is a path of the machine that trained rather than a model's id."""
    return not is_hub_id(text) or bool(_CHECKPOINT.match(text.rpartition("/")[2]))


def is_commit(text: str) -> bool:
    """Whether a revision is a full commit id and can never mean something else."""
    return bool(_COMMIT.match(text))


def purl(namespace: str, name: str, revision: str) -> str:
    """The package URL of a model on the Hub; a version only where the revision is a commit."""
    from packageurl import PackageURL

    version = revision.lower() if is_commit(revision) else None
    return PackageURL("huggingface", namespace or None, name, version).to_string()


def plain(text: str) -> str:
    """A name without namespace, case and punctuation: spellings of one name are equal in it."""
    return _LETTERS.sub("", text.strip().rpartition("/")[2]).casefold()


@dataclass(frozen=True, slots=True)
class Own:
    """What the subject is called without reading any of its files.

    ``hub_id`` is empty unless it lies in the Hub's cache of models: its folder then says which
    repository it is, whatever its files claim.
    """

    name: str
    hub_id: str = ""
    revision: str = ""

    @classmethod
    def of(cls, snapshot: Snapshot) -> Own:
        """The identity of a snapshot's subject."""
        subject, root = snapshot.subject, snapshot.root
        cached = subject.kind is SubjectKind.HUB_CACHE and is_hub_id(subject.name)
        if cached and root is not None:  # the cache also holds datasets and spaces
            cached = any(part.name.startswith("models--") for part in root.resolve().parents[:2])
        return cls(subject.name, subject.name if cached else "", subject.revision)

    def is_meant_by(self, named: Reference, *, loosely: bool = False) -> bool:
        """Whether a reference means this model itself.

        ``loosely``: where it is not known which repository this is, the name alone tells.
        """
        if self.hub_id:
            return named.hub_id.casefold() == self.hub_id.casefold()
        return loosely and bool(named.hub_id) and plain(named.hub_id) == plain(self.name)
