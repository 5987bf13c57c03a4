"""Services that want to be asked again later: waited for when that is soon, never asked before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.sources.clock import Clock, Stage, stage

from weighbridge.collect.context import RawStore
from weighbridge.model.digest import sha256
from weighbridge.sources.http import HttpClient, RateLimited, SourceUnavailable
from weighbridge.sources.rate_limits import MAX_WAITS_SECONDS, pause, retry_after
from weighbridge.testing.failing_http import Mode

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z
DATE = "Fri, 15 Jan 2027 08:00:05 GMT"


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1e3", "9" * 400, "0x10", "1.5", "٣", "Fri, 99 Foo 2027 08:00:05 GMT",
     "Fri, 15 Jan 99999999999 08:00:05 GMT", "\x00" * 25, "5, 6", "Fri, 15 Jan 2027 88:00:05 GMT"],
)  # fmt: skip
def test_a_retry_after_that_is_none_says_nothing(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), (" 7 ", 7), (DATE, 5), ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
     ("Friday, 15-Jan-27 08:00:09 GMT", 9), ("Fri, 15 Jan 2027 08:00:05 -0000", 5)],
)  # fmt: skip
def test_both_forms_of_retry_after_are_read(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (403, {}, None),
        (403, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1800000900"}, None),
        (403, {"x-ratelimit-remaining": "0"}, None),
        (200, {"retry-after": "9"}, None),
        (404, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000900"}, None),
        (429, {}, 60),
        (429, {"retry-after": "soon"}, 60),
        (429, {"retry-after": "9"}, 9),
        (403, {"retry-after": DATE}, 5),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000900"}, 900),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 30, "retry-after": "3"}, 3),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 0),
        (429, {"ratelimit": '"api";r=0;t=55', "ratelimit-policy": '"fixed window";"api"'}, 55),
        (429, {"ratelimit": '"pages";r=3;t=200, "api";r=0;t=41'}, 41),
        (429, {"ratelimit": '"api";r=7;t=55', "retry-after": "2"}, 2),
        (429, {"ratelimit": '"api";r=0;t=' + "9" * 50}, 60),
    ],
)
def test_what_an_answer_says_of_the_next(
    status: int, headers: dict[str, str], seconds: float | None
) -> None:
    found = pause(status, headers, NOW)
    assert (found.seconds if found else None) == seconds


def test_a_short_wait_is_waited_and_asked_again() -> None:
    clock = Clock(NOW)
    with stage((429, {"Retry-After": "2"}), (403, {"Retry-After": DATE}), (200, {})) as service:
        response = clock.client().get(service.url)
    assert response.status == 200
    assert clock.slept == [2.0, 3.0]
    assert len(service.requests) == 3


def test_a_long_wait_is_told_and_nobody_is_asked_before_its_end() -> None:
    clock = Clock(NOW)
    store = RawStore()
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 900)}
    with stage((403, reset), (200, {})) as service, clock.client(store=store.put) as http:
        for _ in range(3):
            with pytest.raises(RateLimited) as caught:
                http.get(service.url)
            assert "2027-01-15T08:15:00Z, in 900 seconds" in caught.value.message
            assert "GITHUB_TOKEN" in caught.value.diagnostics()
            assert caught.value.until == NOW + 900
        assert len(service.requests) == 1
        assert clock.slept == []
        clock.now += 901
        assert http.get(service.url).status == 200
    assert isinstance(caught.value, SourceUnavailable)
    assert sha256(b"{}") in store.blobs, "the refusal is kept as every answer is"


def test_a_refusal_names_where_it_is_stored() -> None:
    store = RawStore()
    with (
        stage((429, {})) as service,
        Clock(NOW).client(store=store.put) as http,
        pytest.raises(RateLimited, match="does not say when") as caught,
    ):
        http.get(service.url)
    assert caught.value.raw is not None
    assert caught.value.raw in store.blobs


def test_waiting_in_sum_has_an_end() -> None:
    clock = Clock(NOW)
    answers = [(429, {"Retry-After": "9"}), (200, {})] * 6
    with stage(*answers) as service, clock.client() as http:
        for _ in range(3):
            assert http.get(service.url).status == 200
        with pytest.raises(RateLimited):
            http.get(service.url)
    assert sum(clock.slept) <= MAX_WAITS_SECONDS


def test_a_service_that_never_stops_refusing_is_left_after_three_questions() -> None:
    clock = Clock(NOW)
    with stage((429, {"Retry-After": "1"})) as service, pytest.raises(RateLimited):
        clock.client().get(service.url)
    assert clock.slept == [1.0, 1.0]
    assert len(service.requests) == 3


def test_the_last_answer_of_the_hour_is_the_last_question() -> None:
    clock = Clock(NOW)
    last = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 600)}
    with stage((200, last), (200, {})) as service, clock.client() as http:
        assert http.get(service.url).status == 200
        with pytest.raises(RateLimited, match="all its answers for now"):
            http.get(service.url)
        assert len(service.requests) == 1
        # another credential has a limit of its own
        assert http.get(service.url, headers={"Authorization": "Bearer 12345678"}).status == 200


def test_backoff_is_the_same_in_every_run() -> None:
    clock = Clock(NOW)
    with stage((503, {}), (502, {}), (200, {})) as service:
        assert clock.client().get(service.url).status == 200
    assert clock.slept == [0.2, 0.4]


def test_a_503_may_say_when_and_is_handed_over_where_that_is_long() -> None:
    clock = Clock(NOW)
    with stage((503, {"Retry-After": "4"}), (200, {})) as service:
        assert clock.client().get(service.url).status == 200
    with stage((503, {"Retry-After": "3600"}), (200, {})) as service:
        assert clock.client().get(service.url).status == 503
        assert len(service.requests) == 1
    assert clock.slept == [4.0]


def test_data_that_is_sent_once_is_not_sent_again() -> None:
    clock = Clock(NOW)
    with stage((429, {"Retry-After": "1"}), (200, {})) as service, clock.client() as http:
        with pytest.raises(RateLimited):
            http.post(service.url, b"{}")
        assert clock.slept == []
        clock.now += 2
        assert http.post(service.url, b"{}", idempotent=True).status == 200


def test_a_403_without_a_reason_is_an_answer() -> None:
    with stage((403, {})) as service:
        assert Clock(NOW).client().get(service.url).status == 403


@pytest.mark.parametrize(
    "value", ["se\r\nX-Evil: 1", "se\ncret", "se\x00cret", "snow☃man", " secret", "secret ", ""]
)
def test_a_header_that_would_be_two_is_not_sent_and_not_shown(value: str) -> None:
    with stage((200, {})) as service, pytest.raises(SourceUnavailable, match="header") as caught:
        HttpClient(offline=False).get(service.url, headers={"Authorization": value})
    assert service.requests == []
    assert not value or value not in caught.value.diagnostics()
    assert caught.value.__cause__ is None


def test_a_service_that_sends_the_credential_back_is_not_believed() -> None:
    secret = "ghs_0123456789abcdef"
    store = RawStore()
    headers = {"Authorization": f"Bearer {secret}"}
    with HttpClient(offline=False, store=store.put) as http:
        with stage(mode=Mode.ECHO) as service, pytest.raises(SourceUnavailable) as body:
            http.get(service.url, headers=headers)
        where = {"Location": f"http://elsewhere.invalid/{secret}"}
        with stage((302, where)) as service, pytest.raises(SourceUnavailable) as header:
            http.get(service.url, headers=headers)
    for caught in (body, header):
        assert "sent back the credential" in caught.value.message
        assert secret not in caught.value.diagnostics() + repr(caught.value)
    assert store.blobs == {}


def test_the_body_of_a_redirect_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub's has one. The library would read it whole, whatever its size, to tell where to."""

    class Leading(Stage):
        def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
            return (200, "there") if path == "/new" else (301, "x" * 50_000_000)

        def more_headers(self, path: str) -> Mapping[str, str]:
            return {} if path == "/new" else {"Location": "/new"}

    def content(response: object) -> bytes:
        raise AssertionError("the whole body was read")

    monkeypatch.setattr("requests.Response.content", property(content))
    with Leading([], Mode.HONEST) as service, HttpClient(offline=False) as http:
        response = http.get(f"{service.url}/old?x=1", max_bytes=1000)
        assert (response.body, response.url) == (b'"there"', f"{service.url}/new")
