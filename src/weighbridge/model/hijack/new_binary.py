"""A release carries a file that nobody can read, of a sort or size that earlier releases had not.

Seen in ua-parser-js (2021), torchtriton (2022), xz (2024), chalk and Shai-Hulud (2025), litellm,
lightning (11.4 MB of JavaScript) and TanStack (2026). A project whose releases always had native
libraries goes on having them, under whatever name: those are no sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from weighbridge.model.facts.project import BinaryFacts, ReleaseFacts
from weighbridge.model.hijack.contents import each, no_comparison, shown
from weighbridge.model.hijack.view import Reading, SignalState, View

SIGNAL = "new-binary"
GROWN = 4
"""How many times the largest of its sort a file must be to have grown by much."""
LARGE = 2**20
"""Bytes that it must have besides: small files grow by themselves."""
ARTIFACT = 5 * 2**20
"""Bytes by which the largest file of a release must have grown, where nobody looked inside."""

_SORTS = {
    "native library": (".so", ".pyd", ".dll", ".dylib", ".a", ".lib", ".node"),
    "executable": (".exe", ".com", ".elf", ".bin", ".msi", ".scr"),
    "packed script": (".js", ".mjs", ".cjs", ".wasm", ".pyc", ".pyo", ".class"),
    "archive": (".zip", ".jar", ".whl", ".gz", ".xz", ".bz2", ".7z", ".tar", ".zst", ".rar"),
    "serialized object": (".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".npy"),
}


def read(view: View) -> Iterator[Reading]:
    """Each new release's unreadable files against those of the earlier releases."""
    yield from each(
        SIGNAL,
        view,
        looked=lambda release: release["binaries"] is not None or bool(_grown(view, release)),
        judge=lambda release: _judge(view, release),
        what="which unreadable files there are",
    )


def _judge(view: View, release: ReleaseFacts) -> Iterator[Reading]:
    version, grown = release["version"], _grown(view, release)
    if grown:
        yield Reading(SIGNAL, SignalState.FIRED, grown, version, "size")
    binaries = release["binaries"]
    if binaries is None:
        return
    if not binaries:
        if not grown:
            said = f"has no unreadable file in {shown(version)}"
            yield Reading(SIGNAL, SignalState.CLEAR, said, version)
        return
    earlier = view.earlier(release)
    known = [r for r in earlier if r["binaries"] is not None]
    if not known:
        first = shown(binaries[0]["path"])
        what = f"has files that nobody can read ({len(binaries)}, the first is {first})"
        yield no_comparison(SIGNAL, release, len(earlier), what)
        return
    found = list(_compare(release, binaries, known))
    yield from found
    if not found and not grown:
        said = f"has unreadable files in {shown(version)} as earlier releases had"
        yield Reading(SIGNAL, SignalState.CLEAR, said, version)


def _compare(
    release: ReleaseFacts, binaries: Sequence[BinaryFacts], known: Sequence[ReleaseFacts]
) -> Iterator[Reading]:
    """One reading a sort: the largest file of it stands for the others."""
    version = release["version"]
    native = all(any(sort_of(b["path"]) == "native library" for b in r["binaries"] or ())
                 for r in known)  # fmt: skip
    for sort in sorted({sort_of(b["path"]) for b in binaries}):
        if native and sort == "native library":
            continue
        mine = [b for b in binaries if sort_of(b["path"]) == sort]
        largest = max(mine, key=lambda b: (b["size"], b["path"]))
        had = [b["size"] for r in known for b in r["binaries"] or () if sort_of(b["path"]) == sort]
        more = f", and {len(mine) - 1} more" if len(mine) > 1 else ""
        named = f"{shown(largest['path'])} ({_size(largest['size'])}{more})"
        if not had:
            what = (
                f"carries {_article(sort)} in {shown(version)}, {named}; none of the "
                f"{len(known)} earlier releases that were looked into did"
            )
            yield Reading(SIGNAL, SignalState.FIRED, what, version, sort)
        elif min(had) < 0 or min(b["size"] for b in mine) < 0:
            what = f"carries {_article(sort)} in {shown(version)}, {named}, and earlier ones did"
            what += "; whether it grew is not known"
            yield Reading(SIGNAL, SignalState.UNAVAILABLE, what, version, sort)
        elif largest["size"] >= max(LARGE, GROWN * max(had)):
            what = (
                f"carries {_article(sort)} in {shown(version)}, {named}, more than {GROWN} times "
                f"as large as any before ({_size(max(had))})"
            )
            yield Reading(SIGNAL, SignalState.FIRED, what, version, sort)


def sort_of(path: str) -> str:
    """What sort of file a path names, by its suffix; a file without a known one is a sort."""
    name = path.rpartition("/")[2].lower()
    if ".so." in name:  # libcudart.so.12
        return "native library"
    for sort, suffixes in _SORTS.items():
        if name.endswith(suffixes):
            return sort
    return "file of another sort"


def _grown(view: View, release: ReleaseFacts) -> str:
    """What to say where a package's largest file is far larger than all before; else empty."""
    size = release["size"]
    if size is None or view.now["system"] not in ("pypi", "npm"):
        return ""
    before = [
        r["size"]
        for r in view.earlier(release)
        if r["size"] is not None and r["version"] != release["version"]
    ]
    if not before or size < GROWN * max(before) or size - max(before) < ARTIFACT:
        return ""
    return (
        f"grew to {_size(size)} in {shown(release['version'])}, more than {GROWN} times the "
        f"largest before ({_size(max(before))})"
    )


def _size(size: int) -> str:
    return f"{size:,} bytes" if size >= 0 else "of unknown size"


def _article(sort: str) -> str:
    return f"an {sort}" if sort[0] in "aeiou" else f"a {sort}"
