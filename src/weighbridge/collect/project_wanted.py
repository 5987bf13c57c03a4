"""Which projects the subject stands on: its repository on a Hub, its ancestors, its packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.collect.model_names import is_commit, is_hub_id
from weighbridge.model.evidence import EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts
from weighbridge.model.facts.lineage import LineageFacts
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.facts.packages import PackageFact, PackagesFacts
from weighbridge.model.facts.project import System
from weighbridge.sources.hub import Kind

MAX_PACKAGES = 2_000
MAX_REPOSITORIES = 200
_KINDS: Mapping[str, Kind] = {"model": "models", "adapter": "models", "dataset": "datasets"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One project to ask about.

    ``about`` is its purl without a version, ``release`` what the subject uses of it, empty where it
    names none. ``kind`` is a Hub's. ``home`` is where installed metadata says that it lives.
    """

    about: str
    system: System
    name: str
    release: str = ""
    kind: Kind = "models"
    home: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A source that may name projects nobody knows of, by its path, and why it was not read."""

    about: str
    reason: str


def wanted(ctx: CollectContext) -> tuple[Wanted, ...]:
    """Every project, once, sorted by ``about``. Of several releases in use the installed counts."""
    found: dict[str, Wanted] = {}
    for one in (*_repositories(ctx), *_packages(ctx)):
        known = found.get(one.about)
        # who pins a revision says more than who does not
        if known is None or (one.release and not known.release):
            found[one.about] = one
    return tuple(found[about] for about in sorted(found))


def unread(ctx: CollectContext) -> Iterator[Unread]:
    """The sources of packages that could not be read."""
    for source in ctx.earlier.get(EvidenceKind.PACKAGES, ()):
        if source.state in (EvidenceState.UNAVAILABLE, EvidenceState.UNSUPPORTED):
            what = source.about or "the subject"
            yield Unread(
                source.about, f"the packages in {what} are not known, so nobody was asked about "
                f"those who keep them: {source.reason}",
            )  # fmt: skip


def python_about(name: str) -> str:
    """The purl of a package of the Python package index, without a version."""
    from packageurl import PackageURL

    return PackageURL("pypi", None, name).to_string()


def hub_about(kind: Kind, repo_id: str) -> str:
    """The purl of a repository of a Hub, without a version."""
    from packageurl import PackageURL

    namespace, _, name = repo_id.rpartition("/")
    if kind == "datasets":
        namespace = f"datasets/{namespace}".rstrip("/")
    return PackageURL("huggingface", namespace or None, name).to_string()


def _packages(ctx: CollectContext) -> Iterator[Wanted]:
    versions: dict[str, list[tuple[bool, PackageFact]]] = {}
    for source in ctx.earlier.get(EvidenceKind.PACKAGES, ()):
        if source.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(PackagesFacts, source.data)
        for package in facts["packages"]:
            kind = package["purl"].removeprefix("pkg:").partition("/")[0] or "pypi"
            if package["origin"] == "index" and kind == "pypi":
                installed = facts["format"] == "environment"
                versions.setdefault(package["name"], []).append((installed, package))
    for name, given in versions.items():
        newest = max(given, key=lambda one: (one[0], _order(one[1]["version"])))[1]
        home = next((p["url"] for _, p in given if p["url"]), "")
        release = newest["version"]
        yield Wanted(python_about(name), "pypi", name, release, home=home)


def _order(version: str) -> tuple[int, object, str]:
    from packaging.version import InvalidVersion, Version

    try:
        return 1, Version(version), version
    except InvalidVersion:
        return 0, 0, version


def _repositories(ctx: CollectContext) -> Iterator[Wanted]:
    for source in ctx.earlier.get(EvidenceKind.MODEL, ()):
        if source.state is EvidenceState.OBSERVED:
            own = cast(ModelIdentityFacts, source.data)
            repo_id = f"{own['namespace']}/{own['name']}".lstrip("/")
            # without a namespace the name may be that of any folder
            if own["namespace"] or own["purl"]:
                yield from _repository("models", repo_id, own["revision"])
            for base in own["base_models"]:
                yield from _repository("models", base["id"] if base["purl"] else "", "")
    for source in ctx.earlier.get(EvidenceKind.LINEAGE, ()):
        if source.state is EvidenceState.OBSERVED:
            for node in cast(LineageFacts, source.data)["nodes"][1:]:
                kind = _KINDS.get(node["kind"])
                if kind is not None:
                    yield from _repository(kind, node["id"], node["revision"])
    for source in ctx.earlier.get(EvidenceKind.DATASET, ()):
        if source.state is EvidenceState.OBSERVED:
            dataset = cast(DatasetFacts, source.data)
            pin = dataset["pin"] if dataset["pin_kind"] == "commit" else ""
            yield from _repository("datasets", dataset["id"], pin)


def _repository(kind: Kind, repo_id: str, revision: str) -> Iterable[Wanted]:
    # a name without a namespace is as often one of a course, a paper or a folder as of a Hub
    if is_hub_id(repo_id) and ("/" in repo_id or kind == "models"):
        release = revision.lower() if is_commit(revision) else ""
        yield Wanted(hub_about(kind, repo_id), "huggingface", repo_id, release, kind)
