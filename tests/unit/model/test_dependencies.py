"""The graph of packages, held against a naive search that writes every path out."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.model.dependencies import Dependencies, introduction
from weighbridge.model.facts.packages import PackageFact, PackagesFacts


def fact(name: str, requires: Sequence[str] = (), *, direct: bool | None = None) -> PackageFact:
    return PackageFact(
        name=name,
        version="1.0",
        specifier="==1.0",
        pinned=True,
        hashes=[],
        line=0,
        direct=direct,
        origin="index",
        purl=f"pkg:pypi/{name}@1.0",
        license="",
        license_is_expression=False,
        spdx="",
        requires=list(requires),
        uploaded="",
        supplier="",
        url="",
    )


def facts(packages: Sequence[PackageFact]) -> PackagesFacts:
    return PackagesFacts(
        format="environment",
        format_version="",
        environment={},
        packages=list(packages),
        inactive=0,
        includes=[],
        constraints=[],
        issues=[],
    )


LEARNING = (
    fact("transformers", ["tokenizers", "numpy"], direct=True),
    fact("tokenizers", ["huggingface-hub"], direct=False),
    fact("huggingface-hub", ["requests"], direct=False),
    fact("numpy", direct=False),
    fact("requests", direct=False),
    fact("unasked", direct=False),
)


def test_an_empty_source() -> None:
    graph = Dependencies([])
    assert (graph.roots, graph.deepest(), graph.circles()) == ((), (), ())
    assert graph.depth("torch") == 0
    assert graph.path("torch") == graph.introducers("torch") == ()
    assert graph.introduction("torch") == ""


def test_a_package_that_requires_itself() -> None:
    graph = Dependencies([fact("tool", ["tool"])])
    assert graph.roots == ("tool",)
    assert graph.introducers("tool") == ()
    assert graph.circles() == ()


def test_a_circle_that_nothing_leads_into_was_asked_for_by_one_of_its_own() -> None:
    graph = Dependencies([fact("b", ["a"]), fact("a", ["b", "c"]), fact("c")])
    assert graph.roots == ("a", "b")
    assert graph.circles() == (("a", "b"),)
    assert graph.path("c") == ("a", "c")


def test_a_circle_that_something_leads_into_has_no_root() -> None:
    graph = Dependencies([fact("top", ["b"]), fact("b", ["a"]), fact("a", ["b"])])
    assert graph.roots == ("top",)
    assert graph.path("a") == ("top", "b", "a")


def test_a_circle_with_one_that_is_asked_for_begins_there() -> None:
    graph = Dependencies([fact("b", ["a"], direct=True), fact("a", ["b"])])
    assert graph.roots == ("b",)
    assert graph.path("a") == ("b", "a")


def test_nobody_asks_for_a_circle_that_is_said_not_to_be_direct() -> None:
    graph = Dependencies([fact("b", ["a"], direct=False), fact("a", ["b"], direct=False)])
    assert graph.roots == ()
    assert graph.depth("a") == 0
    assert graph.deepest() == ()


def test_what_is_required_and_not_listed_is_left_out() -> None:
    graph = Dependencies([fact("torch", ["triton"])])
    assert graph.depth("triton") == 0
    assert graph.introducers("triton") == ()


def test_two_versions_of_a_name_are_one_package() -> None:
    graph = Dependencies(
        [
            fact("numpy", ["old"], direct=False),
            fact("numpy", ["new"], direct=True),
            fact("old", direct=False),
            fact("new", direct=False),
        ]
    )
    assert graph.roots == ("numpy",)
    assert graph.path("old") == ("numpy", "old")
    assert graph.introducers("new") == ("numpy",)


def test_the_shortest_way_and_of_several_the_first_in_the_alphabet() -> None:
    graph = Dependencies(
        [
            fact("app", ["long", "b", "a"], direct=True),
            fact("long", ["longer"]),
            fact("longer", ["goal"]),
            fact("b", ["goal"]),
            fact("a", ["goal"]),
            fact("goal", ["app"]),
        ]
    )
    assert graph.path("goal") == ("app", "a", "goal")
    assert graph.introducers("goal") == ("a", "b", "longer")
    assert graph.depth("app") == 1
    assert graph.deepest() == ("app", "a", "goal")


def test_what_is_asked_for_directly_is_so_however_many_require_it() -> None:
    graph = Dependencies([fact("top", ["numpy"], direct=True), fact("numpy", direct=True)])
    assert graph.roots == ("numpy", "top")
    assert graph.path("numpy") == ("numpy",)


def test_an_environment_with_requests_recorded() -> None:
    graph = Dependencies(LEARNING)
    assert graph.roots == ("transformers",)
    assert graph.depth("requests") == 4
    assert graph.deepest() == ("transformers", "tokenizers", "huggingface-hub", "requests")
    assert graph.depth("unasked") == 0
    assert graph.path("unasked") == ()


def test_a_path_for_people() -> None:
    way = "transformers > tokenizers > huggingface-hub"
    assert introduction(facts(LEARNING), "huggingface-hub") == way
    assert introduction(facts(LEARNING), "transformers") == "transformers"
    assert introduction(facts(LEARNING), "unasked") == ""
    assert introduction(facts(LEARNING), "not-listed") == ""


@pytest.mark.parametrize(
    ("goal", "shown"),
    [("p3", "p0 > p1 > p2 > p3"), ("p4", "p0 > (2 more) > p3 > p4")],
)
def test_a_long_path_is_shown_by_its_ends(goal: str, shown: str) -> None:
    graph = Dependencies([fact(f"p{i}", [f"p{i + 1}"]) for i in range(6)])
    assert graph.introduction(goal, most=4) == shown


def test_twenty_thousand_packages_in_a_chain_and_in_a_circle() -> None:
    chain = Dependencies([fact(f"p{i:05}", [f"p{i + 1:05}"]) for i in range(20_000)])
    assert chain.depth("p19999") == len(chain.deepest()) == 20_000
    assert chain.introduction("p19999").startswith("p00000 > (19993 more) > p19994 > ")
    circle = Dependencies([fact(f"p{i}", [f"p{(i + 1) % 20_000}"]) for i in range(20_000)])
    assert len(circle.roots) == 20_000
    assert len(circle.circles()[0]) == 20_000


def test_two_hundred_thousand_edges_take_less_than_a_second() -> None:
    chance = random.Random(5)
    packages = [
        fact(f"package-{i}", [f"package-{chance.randrange(20_000)}" for _ in range(10)])
        for i in range(20_000)
    ]
    began = time.process_time()
    graph = Dependencies(packages)
    assert time.process_time() - began < 1
    assert graph.depth(graph.deepest()[-1]) > 1


NAMES = st.sampled_from("abcdefgh")
PACKAGES = st.lists(
    st.builds(
        lambda name, requires, direct: fact(name, requires, direct=direct),
        NAMES,
        st.lists(st.sampled_from("abcdefghi"), max_size=4),
        st.sampled_from([True, False, None]),
    ),
    max_size=10,
)


def _every_path(packages: Sequence[PackageFact], roots: Sequence[str]) -> dict[str, list[str]]:
    """The shortest path to each name, first in the alphabet, by writing out paths that grow."""
    listed = {package["name"] for package in packages}
    best: dict[str, list[str]] = {}
    paths = [[root] for root in sorted(roots)]
    for _ in listed:
        for path in paths:
            best.setdefault(path[-1], path)
        paths = sorted(
            [*path, required]
            for path in paths
            if best[path[-1]] == path
            for required in {
                r for p in packages if p["name"] == path[-1] for r in p["requires"] if r in listed
            }
        )
    return best


def _reachable(packages: Sequence[PackageFact], start: str) -> set[str]:
    listed = {package["name"] for package in packages}
    found: set[str] = set()
    new = {start}
    while new:
        new = {
            r for p in packages if p["name"] in new for r in p["requires"] if r in listed
        } - found
        found |= new
    return found


@settings(max_examples=300)
@given(PACKAGES)
def test_paths_are_those_of_a_naive_search(packages: list[PackageFact]) -> None:
    graph = Dependencies(packages)
    expected = _every_path(packages, graph.roots)
    for name in {package["name"] for package in packages} | {"i"}:
        assert list(graph.path(name)) == expected.get(name, [])
        assert graph.depth(name) == len(expected.get(name, []))
        assert graph.introduction(name) == " > ".join(expected.get(name, []))
        assert list(graph.introducers(name)) == sorted(
            {p["name"] for p in packages if name in p["requires"] and p["name"] != name}
            if any(p["name"] == name for p in packages)
            else []
        )
    assert len(graph.deepest()) == max([len(path) for path in expected.values()], default=0)


@given(PACKAGES)
def test_circles_are_names_that_reach_each_other(packages: list[PackageFact]) -> None:
    reach = {p["name"]: _reachable(packages, p["name"]) for p in packages}
    together = {
        tuple(sorted(other for other in reach if other in reach[name] and name in reach[other]))
        for name in reach
    }
    assert Dependencies(packages).circles() == tuple(sorted(c for c in together if len(c) > 1))


@given(PACKAGES)
def test_roots(packages: list[PackageFact]) -> None:
    reach = {p["name"]: _reachable(packages, p["name"]) for p in packages}
    roots = set(Dependencies(packages).roots)
    for name in reach:
        said = [p["direct"] for p in packages if p["name"] == name]
        circle = {n for n in reach[name] if name in reach[n]}
        led_to = any(name in reach[n] for n in set(reach) - circle - {name})
        asked_inside = any(p["direct"] for p in packages if p["name"] in circle)
        untold_root = None in said and not led_to and not asked_inside
        assert (name in roots) is (True in said or untold_root)


@given(PACKAGES, st.randoms())
def test_the_order_of_the_facts_does_not_matter(
    packages: list[PackageFact], chance: random.Random
) -> None:
    shuffled = packages.copy()
    chance.shuffle(shuffled)
    one, other = Dependencies(packages), Dependencies(shuffled)
    assert one.roots == other.roots
    assert [one.path(name) for name in "abcdefgh"] == [other.path(name) for name in "abcdefgh"]
