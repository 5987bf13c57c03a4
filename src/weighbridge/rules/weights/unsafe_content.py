"""Rule unsafe-content: nothing runs when the weights are loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.finding import Conclusion, Finding, Location, Outcome, Severity
from weighbridge.model.rule import Case, Param, RuleMeta
from weighbridge.rules.weights._shared import facts_of, judge, not_read

if TYPE_CHECKING:
    from weighbridge.model.facts.weights import OperationFacts

META = RuleMeta(
    id="unsafe-content",
    family="weights",
    since="0.1",
    severity=Severity.CRITICAL,
    summary="loading the weights imports and calls nothing but what weights need",
    why=(
        "A pickle is a program: whoever loads it runs what it says, with the rights of the person "
        "or server that loads it. Checkpoints of torch, scikit-learn and joblib are pickles, and "
        "so are NumPy arrays of objects. A file that calls anything beyond rebuilding tensors can "
        "take over the machine before the first prediction. Other formats have doors of their own: "
        "Keras layers that name any function, HDF5 links and ONNX tensors that name any file, "
        "graph operators that write files, chat templates, configurations that import classes."
    ),
    remedy=(
        "Do not load the file. Ask its publisher for safetensors, or convert it in a sandbox that "
        "has no network and nothing to lose. If the class or function is yours and wanted, name it "
        "in the rule's `accept` parameter."
    ),
    example="`pytorch_model.bin` is a pickle that calls `os.system('curl … | sh')` when loaded.",
    needs=(EvidenceKind.WEIGHTS,),
    params=(
        Param(
            "accept",
            (),
            "Dotted names that loading may import, construct and call besides the built-in list; "
            "`package.module.*` accepts all names of a module. Known gadgets are never accepted.",
            stricter="fewer",
        ),
    ),
    references=(
        "CWE-502: Deserialization of Untrusted Data",
        "MITRE ATLAS AML.T0011.000: Unsafe AI Artifacts",
        "torch: CVE-2025-32434, CVE-2026-24747",
        "pickle: CVE-2025-1716, CVE-2025-10157, GHSA-vvpj-8cmc-gx39, GHSA-mxhj-88fx-4pcv",
        "pickle frames: python/cpython#154848",
        "Keras: CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9906, CVE-2025-12058",
        "Keras wrappers: CVE-2025-49655, CVE-2026-1462",
        "HDF5: CVE-2026-1669",
        "ONNX: CVE-2022-25882, CVE-2024-27318, CVE-2025-51480",
        "GGUF and chat templates: CVE-2024-34359",
        "NeMo and Hydra: CVE-2025-23304",
        "skops: CVE-2025-54412, CVE-2025-54413, CVE-2025-54886",
        "R: CVE-2024-27322",
    ),
)

_RANK = ("dangerous", "unlisted-call", "unlisted")
_SEVERITY = {
    "dangerous": Severity.CRITICAL,
    "unlisted-call": Severity.HIGH,
    "unlisted": Severity.MEDIUM,
}
_DOES = {
    "import": "imports", "call": "calls", "construct": "constructs", "set-state": "changes",
    "template": "renders a template that uses", "link": "follows a path to",
    "operator": "brings in the operator", "read": "reads",
}  # fmt: skip


def check(case: Case) -> Conclusion:
    """Every operation that is not on the list fails; what was not read is unknown."""
    accepted = case.texts("accept")
    return judge(
        case,
        lambda evidence: _findings(evidence, accepted),
        "{files} read; loading them runs nothing that is not on the list.",
    )


def _findings(evidence: Evidence, accepted: Sequence[str]) -> Iterator[Finding]:
    facts = facts_of(evidence)
    if facts is not None:
        worst: dict[tuple[str, str], list[OperationFacts]] = {}
        for operation in facts["operations"]:
            if operation["verdict"] == "dangerous" or not _accepts(accepted, operation["name"]):
                worst.setdefault((operation["member"], operation["name"]), []).append(operation)
        for group in worst.values():
            yield _finding(evidence, group)
        if facts["operations_dropped"]:
            yield not_read(
                evidence,
                f"{facts['operations_dropped']} further operations are not listed one by one",
                "Look into the findings that are listed first.",
            )
    if evidence.state is not EvidenceState.OBSERVED:
        yield not_read(
            evidence,
            "what loading it would run is not known",
            "Make the whole content readable, or leave the file out of what is shipped.",
        )


def _accepts(accepted: Sequence[str], name: str) -> bool:
    return any(
        name == entry or (entry.endswith(".*") and name.startswith(entry[:-1]))
        for entry in accepted
    )


def _finding(evidence: Evidence, group: list[OperationFacts]) -> Finding:
    """One finding for a name: its weightiest operation, and how many there are."""
    chosen = min(
        group, key=lambda o: (_RANK.index(o["verdict"]), o["action"] == "import", o["offset"])
    )
    place = Location(evidence.about, byte_offset=chosen["offset"], member=chosen["member"])
    shown = chosen["rendered"]
    more = f" and {len(group) - 1} more of this name" if len(group) > 1 else ""
    return Finding(
        Outcome.FAIL,
        f"Loading {evidence.about} {_DOES[chosen['action']]} {chosen['name']}: `{shown}`{more}; "
        f"it {chosen['effect']}.",
        _remedy(chosen),
        place,
        key=chosen["name"],
        severity=_SEVERITY[chosen["verdict"]],
        evidence=(evidence.digest,),
    )


def _remedy(operation: OperationFacts) -> str:
    if operation["verdict"] == "dangerous":
        return "Do not load this file; report it to whoever published it, and use another source."
    return (
        f"Ask the publisher for safetensors, or check what {operation['name']} does and name it in "
        "the rule's `accept` parameter."
    )
