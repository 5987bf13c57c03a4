"""Whatever JSON an index, a hub or a registry sends: facts, a reason, or HostileInput."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weighbridge.collect.project_facts import is_final, oldest_first, order_of, public, release
from weighbridge.collect.project_tags import TagsByVersion
from weighbridge.model.errors import HostileInput
from weighbridge.sources.forge_types import Tag
from weighbridge.sources.hub_accounts import _commits, _repository
from weighbridge.sources.index_pages import json_page, simple_page
from weighbridge.sources.index_project import _bundles

KEYS = st.sampled_from(
    ["info", "name", "version", "ownership", "roles", "role", "user", "organization", "releases",
     "files", "filename", "hashes", "digests", "sha256", "size", "upload-time", "provenance",
     "project-status", "status", "reason", "requires_dist", "project_urls", "author_email",
     "attestation_bundles", "publisher", "kind", "attestations", "envelope", "statement",
     "verification_material", "certificate", "_id", "id", "createdAt", "siblings", "rfilename",
     "lfs", "authors", "date"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30),
    st.sampled_from(["demo", "demo-1.0.tar.gz", "2026-10-01T09:00:00Z", "f" * 24, "a; extra=='x'"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6)
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=8)


@given(OBJECTS, OBJECTS, OBJECTS)
@settings(max_examples=30, deadline=None)
def test_pages_of_an_index(
    body: dict[str, Any], info: dict[str, Any], file: dict[str, Any]
) -> None:
    body = {**body, "info": {**info, "name": "demo"}, "releases": {"1.0": [file, body]}}
    for page in (
        json_page(body, "demo"),
        simple_page({**body, "name": "demo", "files": [file, info]}, "demo"),
    ):
        shown = page if isinstance(page, str) else repr(page)
        assert shown.isprintable()


@given(VALUES)
@settings(max_examples=30, deadline=None)
def test_provenance(body: Any) -> None:
    try:
        publisher, certificate, attests = _bundles(body)
    except HostileInput:
        return
    assert publisher["kind"]
    assert isinstance(certificate, bytes)
    assert attests


@given(OBJECTS, VALUES)
@settings(max_examples=30, deadline=None)
def test_answers_of_a_hub(body: dict[str, Any], listed: Any) -> None:
    found = _repository(body)
    assert json.dumps(found.identity)
    commits = _commits(listed)
    assert commits is None or all(commit.id for commit in commits)


@given(st.lists(st.tuples(st.text(max_size=12), st.text("-:T0123456789Z", max_size=12))))
@settings(max_examples=30, deadline=None)
def test_any_versions_and_times_have_an_order(pairs: list[tuple[str, str]]) -> None:
    releases = [
        {**release(public(version), final=is_final(version)), "uploaded": day}
        for version, day in pairs
    ]
    order = order_of(releases, owners_told=True)
    found = oldest_first(releases, order)
    assert len(found) == len(releases[:400])
    assert (
        found == oldest_first(list(reversed(releases)), order)
        or len(set(pairs)) < len(pairs)
        or (len({one["version"] for one in found}) < len(found))
    )


@given(st.lists(st.text(max_size=40), max_size=20), st.text(max_size=12))
@settings(max_examples=30, deadline=None)
def test_any_tags_and_any_version(names: list[str], version: str) -> None:
    found = TagsByVersion([Tag(name, "c") for name in names], "demo", complete=True).of(version)
    assert found is None or found.name in names
