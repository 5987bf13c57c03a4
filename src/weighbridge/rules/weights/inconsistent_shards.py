"""Rule inconsistent-shards: the files of a model and its index tell one story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from weighbridge.model.evidence import Evidence, EvidenceKind
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, Severity
from weighbridge.model.rule import Case, RuleMeta
from weighbridge.rules.weights._structure import judge

if TYPE_CHECKING:  # most inspections do not need it
    from weighbridge.model.facts.structure import DisagreementFacts, ShardsFacts

META = RuleMeta(
    id="inconsistent-shards",
    family="weights",
    since="0.1",
    severity=Severity.HIGH,
    summary="the files of a model that lies in several are all there and hold what its index says",
    why=(
        "Loaders find a tensor of a large model by an index. Where the index names a file that is "
        "missing, or a tensor that lies elsewhere or in two files, one loader stops, another fills "
        "the gap with random numbers, and a third takes the other copy: people then run weights "
        "that nobody evaluated. A swapped or forgotten shard looks exactly like this."
    ),
    remedy=(
        "Fetch all files of the model from one revision and compare their digests with the "
        "publisher's. If they are yours, save the model anew, so that the index is written "
        "together with its files."
    ),
    example=(
        "`model.safetensors.index.json` says that `lm_head.weight` is in "
        "`model-00002-of-00002.safetensors`, and that file does not hold it."
    ),
    needs=(EvidenceKind.STRUCTURE,),
    references=(
        "huggingface_hub: sharded checkpoints, https://huggingface.co/docs/huggingface_hub/package_reference/serialization",
        "llama.cpp gguf-split: split.no, split.count, split.tensors.count",
        "https://github.com/huggingface/huggingface_hub/issues/4725",
        "CWE-345: Insufficient Verification of Data Authenticity",
    ),
)

# What loaders do not stumble over: the sum is only shown, tensors beside the index are loaded with
# their file, and an index whose files are all gone is not used where another model lies.
_SEVERITY = {
    "total-size": Severity.LOW,
    "no-shard": Severity.LOW,
    "tensor-not-in-index": Severity.MEDIUM,
}
_SAYS = {
    "missing-shard": "{at} names the file {subject}, and it is not there",
    "shard-not-in-index": "{at} is numbered like the files of a model, and its index names no "
    "tensor in it",
    "shard-outside": "{at} names {subject}, which is no file beside it",
    "missing-tensor": "{subject} should be in {said} by the index, and it is {found}",
    "tensor-not-in-index": "{at} holds {subject}, which the index does not name",
    "tensor-in-wrong-shard": "{subject} should be in {said} by the index, and it is in {found}",
    "tensor-twice": "{subject} stands in several files: {found}",
    "total-size": "{at} gives {said} bytes for all tensors, and they have {found}",
    "shard-count": "{file} should be {said} files by their names, and the series is {found}",
    "split.count": "{at} gives {found} as split.count, and its name or the other parts say {said}",
    "shard-number": "{at} is part {said} by its name, and {subject} says {found}, counted from 0",
    "tensor-count": "{subject} says that all parts hold {said} tensors, and they hold {found}",
    "index-malformed": "{at} is no index that can be read: {found}",
    "no-shard": "{at} names {said}, and none of them is there",
}
_GROUPED = frozenset(
    {"missing-tensor", "tensor-not-in-index", "tensor-in-wrong-shard", "tensor-twice"}
)
_REMEDY = "Fetch all files of the model from one revision, or save it anew together with its index."


def check(case: Case) -> Conclusion:
    """Every disagreement fails; what could not be compared is unknown."""
    return judge(
        case,
        "shards",
        _findings,
        "Models in several files that were compared with their index or each other: {count}.",
        "No model of the subject is split over several files.",
    )


def _findings(evidence: Evidence, facts: ShardsFacts) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str], list[DisagreementFacts]] = {}
    for one in facts["disagreements"]:
        own = "" if one["kind"] in _GROUPED else one["subject"]
        groups.setdefault((one["kind"], one["at"], own), []).append(one)
    for (kind, at, own), group in groups.items():
        first = group[0]
        form = "split.count" if first["subject"] == "split.count" else kind
        says = _SAYS.get(form, "{at}: {subject} should be {said} and is {found}").format(**first)
        more = f" (and {len(group) - 1} more)" if len(group) > 1 else ""
        yield Finding(
            Outcome.FAIL,
            f"{says}{more}.",
            _REMEDY,
            Location(at),
            key=f"{kind}: {own}" if own else kind,
            severity=_SEVERITY.get(kind, Severity.HIGH),
            evidence=(evidence.digest,),
        )
    beyond = facts["disagreement_count"] - len(facts["disagreements"])
    if beyond > 0:
        yield Finding(
            Outcome.FAIL,
            f"{beyond} further disagreements of the models in {evidence.about} are not listed one "
            "by one.",
            _REMEDY,
            Location(evidence.about),
            key="more",
            severity=Severity.LOW,
            evidence=(evidence.digest,),
        )
