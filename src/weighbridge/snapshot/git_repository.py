"""Finding a git repository and resolving names in it, read only: no git program, hook or filter.

The configuration is not read at all, so nothing in it can take effect (includes, helpers, a
worktree elsewhere). Sources: gitrepository-layout(5), gitrevisions(7).
"""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from weighbridge.model.errors import BoundExceeded, HostileInput
from weighbridge.snapshot.git_objects import GitObjects, read_regular
from weighbridge.snapshot.git_pack import GitObject, GitObjectBroken, GitObjectMissing

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT = re.compile(r"[0-9a-f]{4,63}")
_STEP = re.compile(r"(?:~(?P<back>[0-9]{0,6})|\^(?P<parent>[0-9]{1,3})?(?!\{)|\^\{(?:commit)?\})")
_REF = re.compile(r"(?!.*(?:\.\.|//|@\{))[^\x00-\x20\x7f~^:?*\[\\/][^\x00-\x20\x7f~^:?*\[\\]*")
_PLACES = ("", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/")  # gitrevisions(7), in order
_MAX_REF_BYTES = 4096
_MAX_PACKED_REFS = 64 * 2**20
_MAX_COMMIT = 16 * 2**20
_MAX_TAGS = 100_000


class NotARepository(HostileInput):
    """No git repository holds that path, or it is of a kind that cannot be read."""


class UnknownRevision(HostileInput):
    """A name that stands for no commit of the repository, or for more than one."""


@dataclass(slots=True)
class Repository:
    """``folder`` holds ``HEAD``, ``common`` the references and objects; a worktree has two.

    ``top`` is the working tree's folder, None for a bare repository.
    """

    folder: Path
    common: Path
    top: Path | None
    _packed: dict[str, str] | None = field(default=None, repr=False)

    def objects(self) -> GitObjects:
        """Open the object store; to be closed by the caller.

        Raises:
            GitObjectBroken: a pack cannot be opened.
        """
        return GitObjects(self.common / "objects", self.id_length)

    @property
    def id_length(self) -> int:
        """Hex digits of an object id: 40 for SHA-1, 64 for SHA-256 repositories."""
        for name in ("HEAD", *sorted(self.packed())[:1]):
            found = self.reference(name)
            if found:
                return len(found)
        return self._length_of_any()

    def reference(self, name: str) -> str | None:
        """The id that a reference points at, symbolic ones followed."""
        for _ in range(6):
            text = self._loose_reference(name)
            if text is None:
                return self.packed().get(name)
            if not text.startswith("ref:"):
                return text if _ID.fullmatch(text) else None
            name = text[4:].strip()
            if not _REF.fullmatch(name):
                return None
        return None

    def is_unborn(self) -> bool:
        """Whether ``HEAD`` names a branch that has no commit yet, as after ``git init``."""
        text = self._loose_reference("HEAD") or ""
        return text.startswith("ref:") and self._loose_reference(text[4:].strip()) is None

    def packed(self) -> dict[str, str]:
        """The references in ``packed-refs``."""
        if self._packed is None:
            try:
                data = read_regular(self.common / "packed-refs", _MAX_PACKED_REFS)
            except OSError:
                data = b""
            pairs = [os.fsdecode(line).partition(" ") for line in data.split(b"\n")]
            self._packed = {name: value for value, _, name in pairs if _ID.fullmatch(value)}
        return self._packed

    def shallow(self) -> frozenset[str]:
        """The commits at which a shallow clone ends."""
        try:
            data = read_regular(self.common / "shallow", _MAX_PACKED_REFS)
        except OSError:
            return frozenset()
        return frozenset(line for line in data.decode("ascii", "replace").split("\n") if line)

    def replaced(self) -> bool:
        """Whether git shows other commits in place of some: grafts, or ``git replace``.

        They are not followed: an object is what its id says.
        """
        folder = self.common / "refs" / "replace"
        if any(name.startswith("refs/replace/") for name in self.packed()):
            return True
        if folder.is_dir() and any(folder.iterdir()):
            return True
        try:
            return bool(read_regular(self.common / "info" / "grafts", _MAX_PACKED_REFS).strip())
        except OSError:
            return False

    def tags(self) -> dict[str, str]:
        """Each tag's name with the id it points at: a tag object's, or a commit's."""
        found = {
            name.removeprefix("refs/tags/"): value
            for name, value in self.packed().items()
            if name.startswith("refs/tags/")
        }
        folder = self.common / "refs" / "tags"
        for path in itertools.islice(folder.rglob("*"), _MAX_TAGS):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and (value := self.reference(f"refs/tags/{name}")):
                found[name] = value
        return found

    def resolve(self, objects: GitObjects, revision: str) -> str:
        """The full id of the commit that a revision names.

        Raises:
            UnknownRevision: it names none, or several, or is written in a way not understood.
            HostileInput: the repository is damaged on the way.
        """
        base = re.split(r"[~^]", revision, maxsplit=1)[0] or "HEAD"
        rest = revision[len(base) :] if revision.startswith(base) else revision
        current = self._base(objects, "HEAD" if base == "@" else base)
        current = _commit_id(objects, current, revision)
        while rest:
            step = _STEP.match(rest)
            if step is None:
                raise UnknownRevision(f"the revision {revision!r} is not understood")
            rest = rest[step.end() :]
            if step["back"] is not None:
                for _ in range(int(step["back"] or 1)):
                    current = _parent(objects, current, 1, revision)
            elif not step[0].startswith("^{"):
                number = int(step["parent"] or 1)
                current = _parent(objects, current, number, revision) if number else current
        return current

    def _base(self, objects: GitObjects, name: str) -> str:
        if _ID.fullmatch(name):
            return name
        if _REF.fullmatch(name):
            for place in _PLACES:
                found = self.reference(place + name)
                if found is not None:
                    return found
        if _SHORT.fullmatch(name):
            commits = [i for i in sorted(objects.matching(name)) if _is_commit(objects, i)]
            if len(commits) == 1:
                return commits[0]
            if commits:
                raise UnknownRevision(f"{name!r} begins the ids of {len(commits)} commits")
        raise UnknownRevision(f"{name!r} is no branch, tag or commit of the repository")

    def _loose_reference(self, name: str) -> str | None:
        own = name == "HEAD" or name.startswith(("refs/bisect/", "refs/worktree/"))
        try:
            data = read_regular((self.folder if own else self.common) / name, _MAX_REF_BYTES)
        except OSError:
            return None
        return os.fsdecode(data).strip()

    def _length_of_any(self) -> int:
        heads = self.common / "refs" / "heads"
        for path in sorted(heads.rglob("*")) if heads.is_dir() else []:
            found = self.reference(path.relative_to(self.common).as_posix())
            if found:
                return len(found)
        return 40


def find_repository(path: Path) -> Repository:
    """The repository whose working tree holds ``path``, or the bare one that ``path`` is.

    Raises:
        NotARepository: there is none, or it stores its references in a way not read here.
    """
    real = path.resolve()
    for folder in (real, *real.parents):
        found = _repository_at(folder)
        if found is not None:
            if (found.common / "reftable").is_dir():
                raise NotARepository(
                    "the git repository keeps its references as a reftable, which is not read",
                    remedy="Clone it with --ref-format=files.",
                )
            return found
    raise NotARepository(f"{path} is not in a git repository")


def _repository_at(folder: Path) -> Repository | None:
    inside = folder / ".git"
    if inside.is_dir() and _looks_right(inside, inside):
        return Repository(inside, inside, folder)
    if inside.is_file():
        text = os.fsdecode(read_regular(inside, _MAX_REF_BYTES)).rstrip("\r\n")
        if text.startswith("gitdir: "):
            own = (folder / text.removeprefix("gitdir: ")).resolve()
            if not _belongs(inside, own):
                raise NotARepository(
                    f"{inside} leads to a repository elsewhere that does not lead back",
                    remedy="Give a clone or a worktree that git made.",
                )
            common = _common(own)
            if _looks_right(own, common):
                return Repository(own, common, folder)
    if _looks_right(folder, folder) and (folder / "refs").is_dir():
        return Repository(folder, folder, folder.parent if folder.name == ".git" else None)
    return None


def _belongs(inside: Path, own: Path) -> bool:
    """Whether a ``.git`` file may name that folder: a stranger's could name any repository here.

    A worktree's folder names the ``.git`` file in turn; a submodule's lies in the ``.git`` of a
    folder above; else it must lie in the subject itself.
    """
    folder = inside.parent.resolve()
    if own.is_relative_to(folder):
        return True
    if any(own.is_relative_to(above / ".git") for above in folder.parents):
        return True
    try:
        back = os.fsdecode(read_regular(own / "gitdir", _MAX_REF_BYTES)).rstrip("\r\n")
    except OSError:
        return False
    return (own / back).resolve() == folder / inside.name


def _common(own: Path) -> Path:
    """A worktree's folder names the one that all worktrees share."""
    try:
        text = os.fsdecode(read_regular(own / "commondir", _MAX_REF_BYTES)).rstrip("\r\n")
    except OSError:
        return own
    return (own / text).resolve()


def _looks_right(own: Path, common: Path) -> bool:
    return (own / "HEAD").is_file() and (common / "objects").is_dir()


def _is_commit(objects: GitObjects, object_id: str) -> bool:
    try:
        return objects.read(object_id, _MAX_COMMIT).type == "commit"
    except BoundExceeded:
        return False  # a blob or tree: no commit is that long


def _commit_id(objects: GitObjects, object_id: str, revision: str) -> str:
    """The commit an object is or, being a tag, points at."""
    for _ in range(10):
        found = _read(objects, object_id, revision)
        if found.type == "commit":
            return object_id
        header = found.data.split(b"\n", 1)[0].decode("ascii", "replace")
        if found.type != "tag" or not header.startswith("object "):
            raise UnknownRevision(f"{revision!r} names a {found.type}, not a commit")
        object_id = header.removeprefix("object ")
        if not _ID.fullmatch(object_id):
            raise GitObjectBroken("a git tag points at no object")
    raise GitObjectBroken("a git tag points at a tag, and so on without end")


def _parent(objects: GitObjects, commit: str, number: int, revision: str) -> str:
    parents = commit_parents(_read(objects, commit, revision).data)
    if number > len(parents):
        raise UnknownRevision(f"{revision!r} goes back further than the history")
    return parents[number - 1]


def commit_tree(data: bytes) -> str:
    """The id of the tree that a commit records.

    Raises:
        GitObjectBroken: the commit does not begin with one.
    """
    first = data.split(b"\n", 1)[0].decode("ascii", "replace")
    if not first.startswith("tree ") or not _ID.fullmatch(first[5:]):
        raise GitObjectBroken("a git commit does not begin with its tree")
    return first[5:]


def commit_parents(data: bytes) -> list[str]:
    """The ids of a commit's parents: the lines right after the tree's, as git reads them."""
    parents = []
    for line in data.split(b"\n")[1:]:
        text = line.decode("ascii", "replace")
        if not text.startswith("parent "):
            break
        if not _ID.fullmatch(text[7:]):
            raise GitObjectBroken("a git commit names a parent that is no id")
        parents.append(text[7:])
    return parents


def _read(objects: GitObjects, object_id: str, revision: str) -> GitObject:
    try:
        return objects.read(object_id, _MAX_COMMIT)
    except GitObjectMissing as error:
        raise UnknownRevision(
            f"{revision!r} leads to the commit {object_id}, which is not in this clone"
            + (": it borrows objects from elsewhere" if objects.borrows else ""),
            remedy=error.remedy,
        ) from error
