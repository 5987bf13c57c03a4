"""Drafting under any record: what people wrote stays, and a second run changes nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.collect.dataset_drafts import drafts
from weighbridge.collect.datasets import evidence_of
from weighbridge.edge.bibtex import names, parse_bibtex, plain
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.errors import HostileInput
from weighbridge.model.evidence import EvidenceState
from weighbridge.testing.memory import snapshot_of

USE = b'from datasets import load_dataset\nload_dataset("o/n")\nload_dataset("p/q")\n'
PIECES = st.sampled_from(
    ["- id: o/n", "- id: a", "  license: MIT", "  # c", "\n", "\r\n", "- {id: p/q}",
     "  citation: |", "    x", "---",
     "...", "  - id: b", "  id: c", "&x ", "*x", "'", '"', "# c", " ", "\t", ": ",
     "[", "]", "\u2028", "  purpose: >-", "  doi:", "- id:", "  license: 'a", "  b'"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map("\n".join))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_record_is_kept_or_left_alone(record: str) -> None:
    files = {"t.py": USE, "datasets.yaml": record.encode()}
    snapshot = snapshot_of(files)
    evidence = evidence_of(snapshot)
    if any(e.state is not EvidenceState.OBSERVED for e in evidence):
        return  # a record that is broken is refused before anything is drafted
    before = load_yaml(record, source="x").value or []
    for draft in drafts(snapshot, evidence):
        text = draft.after.decode()
        after = load_yaml(text, source="x").value or []
        assert after[: len(before)] == [{**row, **after[i]} for i, row in enumerate(before)]
        left = iter(text)
        assert all(character in left for character in record), "every character, in order"
        again = snapshot_of({**files, "datasets.yaml": draft.after})
        for second in drafts(again, evidence_of(again)):
            assert (second.entries, second.keys) == ((), ())
            assert second.after == draft.after


@given(st.text(alphabet='@{}()",=#\\ab \n', max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_bibtex_is_read_or_refused(text: str) -> None:
    try:
        found = parse_bibtex("@misc{" + text)
    except HostileInput:
        return
    for entry in found:
        for _, value in entry.fields:
            assert value.count("{") == value.count("}")
            plain(value)
            names(value)
