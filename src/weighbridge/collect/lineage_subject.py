"""What the subject's own evidence says of where it came from. Its files are not parsed again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from weighbridge.collect import lineage_licenses as licenses
from weighbridge.collect.card import CardState, read_card
from weighbridge.collect.context import CollectContext
from weighbridge.collect.lineage_cards import of_text
from weighbridge.collect.lineage_recipes import of_files
from weighbridge.collect.lineage_said import MAX_ID, WEIGHTS, Basis, Parent, Said, dataset, of_model
from weighbridge.collect.model_ledger import place, shown
from weighbridge.model.canonical import thaw
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.dataset import DatasetFacts, DatasetUseFacts
from weighbridge.model.facts.license import LicenseFacts
from weighbridge.model.facts.lineage import NodeLicenseFacts, Relation
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.facts.packages import PackageFact, PackagesFacts

MAX_PACKAGES = 2_000
MAX_FOLDERS = 200
_OWN = ("", "model", "origin")  # what a statement is about that speaks of the model
_CODE = (".py", ".ipynb", ".c", ".cc", ".cpp", ".cu", ".h", ".js", ".ts", ".rs", ".go", ".sh")
# Words in a recorded purpose, or in the name of a script, that say what the data was for.
_PURPOSES: tuple[tuple[str, Relation], ...] = (
    ("calib", "calibrated-on"), ("eval", "evaluated-on"), ("benchmark", "evaluated-on"),
    ("test", "evaluated-on"),
)  # fmt: skip
# Packages under one of these bring no term that a model's release has to look at twice; of those
# that others bring in, only the rest are drawn.
_LIGHT = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "HPND", "ISC",
        "MIT", "MIT-0", "MIT-CMU", "NCSA", "PSF-2.0", "Python-2.0", "Unlicense", "WTFPL", "Zlib",
        "ZPL-2.1", "CNRI-Python", "LicenseRef-scancode-public-domain",
    }
)  # fmt: skip


class Unknown(Exception):
    """Nothing is known of the subject itself: the collector of models broke."""


def of_subject(ctx: CollectContext) -> tuple[Said, str, str]:
    """What is said of the subject, its own id or name, and its revision.

    Raises:
        Unknown: there is no evidence of what the model is.
    """
    told = ctx.earlier.get(EvidenceKind.MODEL, ())
    if not told:
        raise Unknown("what the model is was not read, so neither is what it was made from")
    model = cast(ModelIdentityFacts, thaw(told[0].data))
    own = f"{model['namespace']}/{model['name']}" if model["namespace"] else model["name"]
    said = of_model(model["base_models"], model["claims"], model["metrics"])
    card = read_card(ctx.snapshot)
    if card.state is CardState.BROKEN:
        said.unread = f"its card could not be read: {card.reason}"
    said.parents += of_text(card, own)
    of_files(ctx.snapshot, said)
    said.parents += _datasets(ctx.earlier.get(EvidenceKind.DATASET, ()))
    said.parents += _packages(ctx.earlier.get(EvidenceKind.PACKAGES, ()))
    stated = list(licenses.of_evidence(ctx.earlier.get(EvidenceKind.LICENSE, ())))
    said.licenses += [one for evidence, one in stated if _is_own(evidence)]
    said.parents += _bundled(ctx, [(e, one) for e, one in stated if not _is_own(e)])
    _of_base(said, [one for evidence, one in stated if _covers(evidence) == "base"])
    return said, own, model["revision"]


def _covers(evidence: Evidence) -> str:
    return str(evidence.data.get("covers", ""))


def _is_own(evidence: Evidence) -> bool:
    """Whether a statement is about the model itself, and not about a part of it."""
    facts = cast(LicenseFacts, evidence.data)
    return not facts["nested"] and not facts["component"] and _covers(evidence) in _OWN


def _of_base(said: Said, stated: list[NodeLicenseFacts]) -> None:
    """What a sentence says of the base's license, where it is clear which base is meant."""
    bases = {p.id.casefold() for p in said.parents if p.kind == "model" and p.relation in WEIGHTS}
    if len(bases) != 1:
        return
    for number, parent in enumerate(said.parents):
        if stated and parent.id.casefold() in bases:
            said.parents[number] = _with(parent, tuple(stated))
            return


def _datasets(evidence: Iterable[Evidence]) -> Iterator[Parent]:
    """Each data set by each way it was used, with the license that is recorded of it."""
    for one in evidence:
        if one.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(DatasetFacts, one.data)
        at = place(facts["recorded_in"], "license", facts["recorded_line"])
        stated = (licenses.declared(facts["license"], at),) if facts["license"] else ()
        pin = facts["pin"] if facts["pin_kind"] == "commit" else ""
        for use in facts["used_in"]:
            relation, basis = _use(use, facts["purpose"])
            where = place(use["path"], use["member"] or use["kind"], use["line"])
            yield _with(
                dataset(facts["id"], relation, basis, where, use["revision"] or pin), stated
            )
        if not facts["used_in"]:
            where = place(facts["recorded_in"], "id", facts["recorded_line"])
            relation = _purpose(facts["purpose"])
            yield _with(dataset(facts["id"], relation, "declared", where, pin), stated)


def _with(parent: Parent, stated: tuple[NodeLicenseFacts, ...]) -> Parent:
    from dataclasses import replace

    return replace(parent, licenses=stated)


def _use(use: DatasetUseFacts, purpose: str) -> tuple[Relation, Basis]:
    if use["kind"] == "model-index":
        return "evaluated-on", "declared"
    if use["kind"] == "card":
        return "trained-on", "declared"
    if use["kind"] in ("tracked", "described") and not purpose:
        return "bundles", "inferred"  # it lies beside the model; what for, nobody says
    name = use["path"].rpartition("/")[2].lower()
    return (_purpose(purpose) if purpose else _purpose(name)), "inferred"


def _purpose(text: str) -> Relation:
    plain = text.lower()
    return next((relation for word, relation in _PURPOSES if word in plain), "trained-on")


def _packages(evidence: Iterable[Evidence]) -> Iterator[Parent]:
    """Packages that the model asks for itself, and any under terms that are more than permissive.

    Those only a development group asks for are left out: they do not go with the model.
    """
    seen: set[tuple[str, str, str]] = set()
    for one in evidence:
        if one.state is not EvidenceState.OBSERVED:
            continue
        facts = cast(PackagesFacts, one.data)
        for package in facts["packages"]:
            known = (package["name"], package["version"], package["spdx"])
            if known in seen or package["groups"] or not _matters(package):
                continue
            seen.add(known)
            yield _package(package, one.about, installed=facts["format"] == "environment")
            if len(seen) >= MAX_PACKAGES:
                return


def _matters(package: PackageFact) -> bool:
    if package["direct"] is not False:
        return True
    named = set(package["spdx"].replace("(", " ").replace(")", " ").split()) - {"AND", "OR"}
    return bool(named) and not named <= _LIGHT


def _package(package: PackageFact, path: str, *, installed: bool) -> Parent:
    at = place(path, package["name"], package["line"], computed=installed)
    version = f"=={package['version']}" if package["version"] else ""
    raw = package["spdx"] or package["license"]
    stated = (licenses.declared(raw, at),) if raw else ()
    return Parent(
        "package",
        shown(f"{package['name']}{version}", MAX_ID),
        "links",
        "computed" if installed else "declared",
        at,
        licenses=stated,
        state="read" if raw else "named",
    )


def _bundled(ctx: CollectContext, stated: list[tuple[Evidence, Any]]) -> Iterator[Parent]:
    """Folders of code with a license text of their own: shipped with the model."""
    folders: dict[str, list[Any]] = {}
    for evidence, statement in stated:
        facts = cast(LicenseFacts, evidence.data)
        folder = evidence.about.rpartition("/")[0]
        header = str(facts["role"]) == "header"
        if not facts["id"] or not (header or facts["role"] == "detected"):
            continue
        if facts["nested"] and not header and not _holds_code(ctx, folder):
            continue
        if len(folders) < MAX_FOLDERS:
            folders.setdefault(folder or evidence.about, []).append(statement)
    for folder, statements in sorted(folders.items()):
        at = statements[0]["place"]
        yield Parent(
            "code", shown(folder, MAX_ID), "bundles", "inferred", at,
            licenses=tuple(statements), state="read",
        )  # fmt: skip


def _holds_code(ctx: CollectContext, folder: str) -> bool:
    inside = f"{folder}/"
    return any(
        artifact.path.startswith(inside) and artifact.path.lower().endswith(_CODE)
        for artifact in ctx.snapshot.artifacts
    )
