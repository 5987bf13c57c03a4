"""Obligations under any lineage, text and lock: drafts settle, phrases and locks are found."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.model.license_graphs import edge, graph, node, terms

from weighbridge.licensing.lock import read_lock, write_lock
from weighbridge.model.errors import HostileInput
from weighbridge.model.licensing.locked import MAX_TEXT, compare, shown
from weighbridge.model.licensing.obligations import demands
from weighbridge.model.licensing.phrases import Phrases, plain_words
from weighbridge.model.licensing.use import Activity, Use
from weighbridge.report.notice import draft

KNOWN = terms(
    "MIT", "Apache-2.0", "CC-BY-4.0", "AGPL-3.0-only", "LicenseRef-scancode-qwen-2024",
    "LicenseRef-scancode-llama-3.1-license-2024", "LicenseRef-scancode-gemma-tou-2025-03-24",
)  # fmt: skip
RELATIONS = (
    "", "finetune", "adapter", "merge", "quantized", "repack", "distilled-from-outputs",
    "trained-on", "evaluated-on", "links", "bundles",
)  # fmt: skip
KINDS = ("model", "dataset", "code")
IDS = st.text(max_size=30)
USES = st.frozensets(st.sampled_from(tuple(Activity))).map(lambda a: Use(activities=a))
PIECES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["<!--", "-->", "Built with Llama\n", "NOTICE\n", "\r\n", "\x85", "(c)"]),
)
EXISTING = st.lists(PIECES, max_size=8).map("".join)


@st.composite
def lineages(draw: st.DrawFn):
    """A graph of a few nodes with any names, any relations and cycles."""
    count = draw(st.integers(0, 4))
    nodes = []
    for n in range(count):
        kind = draw(st.sampled_from(KINDS))
        ids = draw(st.lists(st.sampled_from((*KNOWN, "MIT OR Apache-2.0", "X")), max_size=2))
        made = node(f"{kind}:{n}", *ids)
        nodes.append({**made, "id": draw(IDS)})
    keys = ["subject", *(n["key"] for n in nodes)]
    steps = st.tuples(st.sampled_from(keys), st.sampled_from(RELATIONS), st.sampled_from(keys))
    return graph(nodes, [edge(*step) for step in draw(st.lists(steps, max_size=8))])


@settings(max_examples=150)
@given(lineages(), USES, EXISTING)
def test_a_draft_keeps_what_stands_there_and_a_second_one_adds_nothing(lineage, use, existing):
    found = demands(lineage, KNOWN, use)
    once = draft(found, existing)
    assert once.startswith(existing)
    assert draft(found, once) == once
    if use.activities == {Activity.INTERNAL}:
        assert {duty.word.value for duty in found.obligations} <= {"register"}


@settings(max_examples=100)
@given(lineages())
def test_more_activities_never_take_an_obligation_away(lineage):
    def asked(*activities: Activity) -> set[tuple[str, str]]:
        use = Use(activities=frozenset(activities))
        return {(d.word, d.license) for d in demands(lineage, KNOWN, use).obligations}

    every = asked(*Activity)
    assert all(asked(one) <= every for one in Activity)
    silent = {(d.word, d.license) for d in demands(lineage, KNOWN, Use()).obligations}
    assert silent == every


@given(st.text(max_size=200), st.text(min_size=1, max_size=30), st.text(max_size=200))
def test_a_phrase_on_a_line_of_its_own_is_found(before, phrase, after):
    if plain_words(phrase) and not set("<>") & set(before + phrase):
        line = Phrases.of(f"{before}\n{phrase}\n{after}").line_of(phrase)
        assert line >= 1


@given(st.binary(max_size=400))
def test_any_bytes_as_a_lock_raise_nothing_else(data):
    try:
        read_lock(data)
    except HostileInput:
        pass
    else:
        raise AssertionError("bytes at random are no lock")


TEXTS = st.text(max_size=40).map(shown)
SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
LOCKS = st.fixed_dictionaries(
    {
        "tags": st.lists(TEXTS, max_size=3).map(sorted),
        "texts": st.lists(
            st.fixed_dictionaries({"path": TEXTS, "id": TEXTS, "sha256": SHA}), max_size=3
        ),
        "ancestors": st.lists(
            st.fixed_dictionaries(
                {
                    "key": TEXTS,
                    "revision": TEXTS,
                    "state": st.sampled_from(["read", "named", "vanished", "unavailable", "cut"]),
                    "children": st.lists(TEXTS, max_size=3).map(sorted),
                    "tags": st.lists(TEXTS, max_size=2).map(sorted),
                    "licenses": st.lists(TEXTS, max_size=2).map(sorted),
                }
            ),
            max_size=4,
        ),
        "terms": st.lists(
            st.fixed_dictionaries(
                {"id": TEXTS, "texts": st.dictionaries(TEXTS, st.one_of(SHA, st.just("")))}
            ),
            max_size=2,
        ),
    }
)


@settings(max_examples=80)
@given(LOCKS, LOCKS)
def test_a_lock_comes_back_and_is_no_change_to_itself(one, other):
    assert read_lock(write_lock(one)) == one
    assert compare(one, one, {}) == ()
    assert all(len(c.message) < 20 * MAX_TEXT for c in compare(one, other, {}))
