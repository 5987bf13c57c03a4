"""Whatever an advisory service answers: an answer or a failure for each package, no exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.sources.advisories import AdvisorySource
from weighbridge.sources.cvss import base_score
from weighbridge.sources.http import Response
from weighbridge.sources.osv import PackageVersion
from weighbridge.testing.osv import advisory

ASKED = [PackageVersion("a", "1.0"), PackageVersion("b", "2.0")]
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3),
    st.sampled_from(["", "PYSEC-0000-1", "MAL-0000-1", "1.0.0", "PyPI", "a", "ECOSYSTEM", "../x"]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["id", "aliases", "affected", "package", "name", "ecosystem", "ranges", "type", "events",
     "fixed", "introduced", "severity", "score", "withdrawn", "schema_version", "summary",
     "database_specific", "vulns", "results", "next_page_token"]
)  # fmt: skip
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)
SLOW = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


class Canned:
    def __init__(self, batch: bytes, detail: bytes, status: int) -> None:
        self.batch, self.detail, self.status = batch, detail, status

    def post(self, *_args: Any, **_options: Any) -> Response:
        return Response(self.status, self.batch, {})

    def get(self, *_args: Any, **_options: Any) -> Response:
        return Response(self.status, self.detail, {})


def ask(batch: bytes, detail: bytes, status: int = 200) -> dict[PackageVersion, Any]:
    client: Any = Canned(batch, detail, status)
    return AdvisorySource(client, "http://osv.invalid").ask(ASKED)


@SLOW
@given(st.one_of(st.binary(max_size=100), TREES.map(lambda t: json.dumps(t).encode())))
def test_any_batch_answer(batch: bytes) -> None:
    answers = ask(batch, b"{}")
    assert sorted(answers) == ASKED
    assert all(answer.failure or not answer.advisories for answer in answers.values())


@SLOW
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_advisory(changes: dict[str, Any]) -> None:
    """One that was named for a package is found, withdrawn or a failure: it never just vanishes."""
    record = {**advisory("PYSEC-0000-1", "a", fixed="1.5"), **changes}
    rows = {"results": [{"vulns": [{"id": "PYSEC-0000-1"}]}, {}]}
    answers = ask(json.dumps(rows).encode(), json.dumps(record).encode())
    named, clean = answers[ASKED[0]], answers[ASKED[1]]
    assert named.failure or named.withdrawn or len(named.advisories) == 1
    assert not clean.failure
    assert clean.advisories == ()


@SLOW
@given(st.text(max_size=60), st.lists(st.sampled_from(["AV:N", "S:C", "C:H", "I:H", "A:N", "AC:L",
                                                       "PR:L", "UI:N", ":", "S:U"])))  # fmt: skip
def test_any_vector(text: str, metrics: list[str]) -> None:
    for vector in (text, "/".join(["CVSS:3.1", *metrics])):
        score = base_score(vector)
        assert score is None or 0.0 <= score <= 10.0
