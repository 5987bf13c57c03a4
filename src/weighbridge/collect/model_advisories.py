"""What a team's own advisories say of the model, of the models it was made from, and of its files.

There is one piece of evidence for the model, one for each model that it was made from, and one for
each file that an advisory names. A model whose name is not known cannot be looked up by name; that
is said if any advisory goes by names. Without a folder of advisories there is no evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from weighbridge.collect.context import CollectContext
from weighbridge.model.digest import Digest
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.facts.model import ModelIdentityFacts
from weighbridge.model.facts.vulnerability import AdvisoryFact, VulnerabilityFacts
from weighbridge.sources.advisory import Advisory
from weighbridge.sources.model_advisories import (
    NAME,
    ModelAdvisory,
    Overlay,
    read_overlay,
    split_purl,
)

MODEL = "model"  # what the evidence about the subject itself is about
_NO_NAME = "the model's Hub id is not known, so advisories that go by names were not compared"
_NO_REVISION = "an advisory names single revisions of it, and which one this is, is not known"


def of_models(ctx: CollectContext, collector: str) -> Iterator[Evidence]:
    """Everything that the folder of advisories says of the subject; nothing if there is none."""
    folder = ctx.services.model_advisories
    if folder is None:
        return
    overlay = read_overlay(folder, ctx.store.put)
    writer = _Writer(overlay, collector)
    identity = _identity(ctx)
    yield writer.of_model(MODEL, "model", _purl(identity) if identity else "")
    bases = {base["purl"] for base in identity["base_models"] if base["purl"]} if identity else ()
    for purl in sorted(bases):
        yield writer.of_model(purl, "base-model", purl)
    for artifact in ctx.snapshot.artifacts:
        for digest in artifact.digests:
            hits = [one for one in overlay.advisories if one.affects_file(digest)]
            if hits:
                yield writer.observed(artifact.path, "weights", str(digest), hits)


def advisory_fact(advisory: Advisory) -> AdvisoryFact:
    """An advisory in the shape of evidence."""
    return {
        "id": advisory.id,
        "aliases": list(advisory.aliases),
        "summary": advisory.summary,
        "severity": advisory.severity,
        "fixed_versions": list(advisory.fixed_versions),
        "malicious": advisory.malicious,
        "score": advisory.score,
        "vector": advisory.vector,
        "published": advisory.published,
        "modified": advisory.modified,
        "urls": list(advisory.urls),
    }


def _identity(ctx: CollectContext) -> ModelIdentityFacts | None:
    for evidence in ctx.earlier.get(EvidenceKind.MODEL, ()):
        if evidence.state is EvidenceState.OBSERVED:
            return cast(ModelIdentityFacts, evidence.data)
    return None


def _purl(identity: ModelIdentityFacts) -> str:
    """The model's package URL, without a revision where none is known."""
    if identity["purl"] or not (identity["namespace"] and identity["name"]):
        return identity["purl"]
    revision = f"@{identity['revision']}" if identity["revision"] else ""
    return f"pkg:huggingface/{identity['namespace']}/{identity['name']}{revision}"


class _Writer:
    def __init__(self, overlay: Overlay, collector: str) -> None:
        self.overlay = overlay
        self.collector = collector

    def of_model(self, about: str, kind: str, purl: str) -> Evidence:
        """What the overlay says of one model; hits count even where something is not known."""
        matches = [(one, one.affects_model(purl)) for one in self.overlay.advisories]
        hits = [one for one, affected in matches if affected]
        gap = self.overlay.gap
        if not split_purl(purl)[0] and any(one.names_models for one in self.overlay.advisories):
            gap = gap or _NO_NAME
        if any(affected is None and not one.withdrawn for one, affected in matches):
            gap = gap or _NO_REVISION
        if gap and not any(not one.withdrawn for one in hits):
            return Evidence(
                EvidenceKind.VULNERABILITY, about, EvidenceState.UNAVAILABLE, NAME,
                self.collector, gap,
            )  # fmt: skip
        return self.observed(about, kind, split_purl(purl)[1], hits, purl)

    def observed(
        self,
        about: str,
        kind: str,
        version: str,
        hits: Iterable[ModelAdvisory],
        package: str = "",
    ) -> Evidence:
        found = list(hits)
        raw: set[Digest] = {digest for one in found for digest in one.raw}
        facts: VulnerabilityFacts = {
            "kind": kind,
            "package": package or about,
            "version": version,
            "asked_version": version,
            "service_knows_package": None,
            "advisories": [advisory_fact(one.advisory) for one in found if not one.withdrawn],
            "withdrawn": [one.advisory.id for one in found if one.withdrawn],
            "known_on": "",
        }
        return Evidence(
            EvidenceKind.VULNERABILITY, about, EvidenceState.OBSERVED, NAME, self.collector,
            data={**facts}, raw=tuple(sorted(raw)),
        )  # fmt: skip
