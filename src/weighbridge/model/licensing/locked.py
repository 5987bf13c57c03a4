"""What was found of licenses, as a lock keeps it, and what differs from it today.

A difference is only called a change where both sides know: an ancestor that could not be asked
today, or that lay behind one which nobody had read when the lock was written, is *not known*.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.license import LicenseFacts, LicensePlace
from weighbridge.model.facts.license_lock import (
    LicenseLockFacts,
    LockedNodeFacts,
    LockedTermsFacts,
    LockedTextFacts,
)
from weighbridge.model.facts.lineage import LineageFacts, NodeFacts
from weighbridge.model.licensing.graph import SUBJECT

_FILES = frozenset({"detected", "use-policy"})  # what NOTICE says is for its writer to change
_ASKED = frozenset({"read", "vanished"})  # states in which somebody answered
MAX_TEXT = 2_000  # characters of one value
_Fact = TypeVar("_Fact", LockedTextFacts, LockedNodeFacts, LockedTermsFacts)


class Changed(enum.StrEnum):
    """What differs."""

    TAG = "tag"  # the license that a card declares
    TEXT = "text"  # a license or use-policy file of the subject
    BASE = "base"  # what the model was made from, or how
    REVISION = "revision"
    LICENSE = "license"  # of an ancestor
    TERMS = "terms"  # the documents of a license, a use policy among them
    VANISHED = "vanished"
    UNKNOWN = "unknown"  # could not be compared


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``about``: a file, or an ancestor's key. ``message`` is a sentence."""

    kind: Changed
    about: str
    message: str


def observed(evidence: Iterable[Evidence]) -> LicenseLockFacts:
    """What a lock keeps of evidence of the kinds ``license``, ``lineage`` and ``terms``."""
    tags: set[str] = set()
    texts: list[LockedTextFacts] = []
    ancestors: list[LockedNodeFacts] = []
    terms: dict[str, dict[str, str]] = {}
    for item in evidence:
        if item.state is not EvidenceState.OBSERVED:
            continue
        if item.kind is EvidenceKind.LICENSE:
            facts = cast(LicenseFacts, item.data)
            if facts["role"] == "declared":
                tags.add(_tag(facts))
            elif facts["role"] in _FILES:
                texts.append(
                    {"path": shown(item.about), "id": facts["id"], "sha256": facts["file_digest"]}
                )
        elif item.kind is EvidenceKind.LINEAGE:
            ancestors += _nodes(cast(LineageFacts, item.data))
        elif item.kind is EvidenceKind.TERMS:
            terms[item.about] = {text["key"]: text["sha256"] for text in item.data["texts"]}
    return {
        "tags": sorted(tags),
        "texts": sorted(texts, key=lambda text: text["path"]),
        "ancestors": sorted(ancestors, key=lambda node: (node["key"], node["revision"])),
        "terms": [{"id": key, "texts": dict(sorted(terms[key].items()))} for key in sorted(terms)],
    }


def unread(evidence: Iterable[Evidence]) -> dict[str, str]:
    """Why a license file could not be read, by its path; the model card under an empty path."""
    found: dict[str, str] = {}
    for item in evidence:
        if item.kind is EvidenceKind.LICENSE and item.state is EvidenceState.UNAVAILABLE:
            card = cast(LicensePlace, item.data).get("part") == "card"
            found["" if card else item.about] = f"'{item.about}' was not read: {item.reason}"
    return found


def compare(
    then: LicenseLockFacts, now: LicenseLockFacts, gaps: Mapping[str, str]
) -> tuple[Change, ...]:
    """What differs from the lock, in a fixed order.

    Args:
        then: the lock.
        now: what was found, by :func:`observed`.
        gaps: what could not be read now, by :func:`unread`.
    """
    texts = _texts(_by(then["texts"], "path"), _by(now["texts"], "path"))
    found = [
        *(_tags("the model card", "", then["tags"], now["tags"]) if "" not in gaps else ()),
        *(change for change in texts if change.about not in gaps),
        *(Change(Changed.UNKNOWN, about, f"{gaps[about]}.") for about in gaps),
        *_ancestors(_by(then["ancestors"], "key"), _by(now["ancestors"], "key")),
        *_terms(_by(then["terms"], "id"), _by(now["terms"], "id")),
    ]
    return tuple(sorted(found, key=lambda change: (change.kind, change.about, change.message)))


def _tag(facts: LicenseFacts) -> str:
    """What the card declares: the id, and what it names beside an id that says nothing."""
    beside = [text for text in (facts["license_name"], facts["license_link"]) if text]
    return shown(" ".join([facts["raw"], *([f"({', '.join(beside)})"] if beside else [])]))


def shown(text: str) -> str:
    """A text as a lock can hold it: on one line, without what cannot be printed, not too long."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:MAX_TEXT])


def _nodes(facts: LineageFacts) -> list[LockedNodeFacts]:
    """The ancestors; several revisions of one make one entry."""
    found: dict[str, LockedNodeFacts] = {}
    keys = {node["key"]: _key(node) for node in facts["nodes"]}
    children: dict[str, set[str]] = {}
    for edge in facts["edges"]:
        child = keys.get(edge["child"], edge["child"])
        children.setdefault(edge["parent"], set()).add(shown(f"{child} {edge['relation']}").strip())
    for node in facts["nodes"]:
        if node["key"] == SUBJECT:
            continue
        key = keys[node["key"]]
        row = found.setdefault(
            key,
            {
                "key": key,
                "revision": "",
                "state": node["state"],
                "children": [],
                "tags": [],
                "licenses": [],
            },
        )
        row["revision"] = " ".join(
            sorted({*row["revision"].split(), *shown(node["revision"]).split()})
        )
        row["children"] = sorted({*row["children"], *children.get(node["key"], ())})
        declared = {shown(said["raw"]) for said in node["licenses"] if said["how"] == "declared"}
        row["tags"] = sorted({*row["tags"], *declared})
        row["licenses"] = sorted(
            {*row["licenses"], *(said["id"] for said in node["licenses"] if said["id"])}
        )
    return list(found.values())


def _key(node: NodeFacts) -> str:
    """The node's key without its revision: a new revision of one base is not another base."""
    key = node["key"].removesuffix(f"@{node['revision']}") if node["revision"] else node["key"]
    return shown(key)


def _by(rows: Iterable[_Fact], name: str) -> dict[str, _Fact]:
    return {str(cast(Mapping[str, object], row)[name]): row for row in rows}


def _tags(where: str, about: str, then: list[str], now: list[str]) -> Iterator[Change]:
    if list(then) != list(now):
        message = f"The license that {where} declares was {_list(then)} and is {_list(now)}."
        yield Change(Changed.TAG, about, message)


def _texts(
    then: Mapping[str, LockedTextFacts], now: Mapping[str, LockedTextFacts]
) -> Iterator[Change]:
    for path in sorted({*then, *now}):
        old, new = then.get(path), now.get(path)
        if new is None and old is not None:
            yield Change(Changed.TEXT, path, f"'{path}' is gone; it was {_text(old)}.")
        elif old is None and new is not None:
            yield Change(Changed.TEXT, path, f"'{path}' is new: it is {_text(new)}.")
        elif old is not None and new is not None and old["sha256"] != new["sha256"]:
            message = f"'{path}' was {_text(old)} and is another text: {_text(new)}."
            yield Change(Changed.TEXT, path, message)


def _text(text: LockedTextFacts) -> str:
    return f"{text['id'] or 'no license text that is known'} (SHA-256 {text['sha256'][:12]})"


def _ancestors(
    then: Mapping[str, LockedNodeFacts], now: Mapping[str, LockedNodeFacts]
) -> Iterator[Change]:
    for key in sorted({*then, *now}):
        old, new = then.get(key), now.get(key)
        if old is None and new is not None:
            yield _appeared(new, then)
        elif new is None and old is not None:
            yield _went(old, now)
        elif old is not None and new is not None:
            yield from _node(old, new)


def _appeared(new: LockedNodeFacts, then: Mapping[str, LockedNodeFacts]) -> Change:
    key = new["key"]
    if _all_read(new, then):
        return Change(Changed.BASE, key, f"{key} is new among what the model was made from.")
    message = f"{key} is not in the lock: what led to it had not been read when it was written."
    return Change(Changed.UNKNOWN, key, message)


def _went(old: LockedNodeFacts, now: Mapping[str, LockedNodeFacts]) -> Change:
    key = old["key"]
    if _all_read(old, now):
        return Change(Changed.BASE, key, f"{key} is no longer named as what the model is made of.")
    message = f"{key} was not met: what leads to it could not be read this time."
    return Change(Changed.UNKNOWN, key, message)


def _all_read(node: LockedNodeFacts, others: Mapping[str, LockedNodeFacts]) -> bool:
    """Whether all that name the node were read there, so that its absence there means something."""
    names = {child.partition(" ")[0] for child in node["children"]} - {SUBJECT}
    return all(name in others and others[name]["state"] in _ASKED for name in names)


def _node(old: LockedNodeFacts, new: LockedNodeFacts) -> Iterator[Change]:
    key = old["key"]
    if new["state"] == "vanished" and old["state"] != "vanished":
        yield Change(Changed.VANISHED, key, f"{key} can no longer be found where it was published.")
        return
    if list(old["children"]) != list(new["children"]):
        was, now = _list(old["children"]), _list(new["children"])
        yield Change(Changed.BASE, key, f"What is made from {key} was {was} and is {now}.")
    if old["revision"] != new["revision"]:
        was, now = old["revision"] or "not pinned", new["revision"] or "not pinned"
        yield Change(Changed.REVISION, key, f"The revision of {key} was {was} and is {now}.")
    if old["state"] in _ASKED and new["state"] not in _ASKED and old["licenses"]:
        yield Change(
            Changed.UNKNOWN, key, f"The license of {key} could not be asked for this time."
        )
        return
    if old["state"] not in _ASKED and new["state"] in _ASKED and not old["licenses"]:
        yield Change(
            Changed.UNKNOWN, key, f"The license of {key} was not known when the lock was written."
        )
        return
    yield from _tags(key, key, old["tags"], new["tags"])
    if list(old["licenses"]) != list(new["licenses"]):
        was, now = _list(old["licenses"]), _list(new["licenses"])
        yield Change(Changed.LICENSE, key, f"The license of {key} was {was} and is {now}.")


def _terms(
    then: Mapping[str, LockedTermsFacts], now: Mapping[str, LockedTermsFacts]
) -> Iterator[Change]:
    """Documents of licenses that both know. Licenses that came or went show at the ancestors."""
    for key in sorted(then.keys() & now.keys()):
        old, new = then[key]["texts"], now[key]["texts"]
        for document in sorted({*old, *new}):
            was, is_now = old.get(document, ""), new.get(document, "")
            if was and is_now and was != is_now:
                message = f"The document '{document}' of {key} is another one than it was."
                yield Change(Changed.TERMS, key, message)
            elif was and not is_now:
                message = f"The document '{document}' of {key} is no longer known."
                yield Change(Changed.UNKNOWN, key, message)


def _list(words: Iterable[str]) -> str:
    return " and ".join(f"'{word}'" for word in words) or "none"
