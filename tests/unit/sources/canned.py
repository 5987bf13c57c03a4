"""A client with one answer, and JSON that is almost what a service would send."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from weighbridge.model.digest import sha256
from weighbridge.sources.http import HttpClient, Response
from weighbridge.sources.json_service import Answer

_ODD = ["2026-10-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "a" * 40, "\u202e", -1, 2**70]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
    | st.sampled_from(_ODD),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["id", "sha", "commit", "name", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


class Canned(HttpClient):
    """Answers every question with the same JSON."""

    def __init__(self, body: Any, *, status: int = 200, **headers: str) -> None:
        super().__init__(offline=True)
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def get(self, url: str, *, headers: Mapping[str, str] = {}, max_bytes: int = 0) -> Response:
        return Response(self.status, self.body, self.headers, sha256(self.body), url)


@st.composite
def twisted(draw: st.DrawFn, honest: Any) -> Any:
    """An honest answer with one place in it replaced, left out, or made many."""
    answer = copy.deepcopy(honest)
    holder: Any = None
    at: Any = None
    value = answer
    for _ in range(draw(st.integers(0, 5))):
        if not isinstance(value, dict | list) or not value:
            break
        keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
        holder, at = value, draw(st.sampled_from(keys))
        value = holder[at]
    if holder is None:
        return draw(JSON)
    if isinstance(holder, dict) and draw(st.booleans()):
        del holder[at]
    else:
        holder[at] = draw(JSON)
    return answer


def is_sound(answer: Answer[Any]) -> bool:
    """One of three states, with a value or a reason, and nothing in it that a terminal obeys."""
    known = answer.state in ("observed", "absent", "unavailable")
    told = (answer.value is not None) == (answer.state == "observed") == (not answer.reason)
    return known and told and answer.reason.isprintable()
