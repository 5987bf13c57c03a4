"""The HTTP client against servers that lie, stall and lead away."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from weighbridge.model.digest import sha256
from weighbridge.model.errors import NetworkForbidden
from weighbridge.sources.http import HttpClient, SourceUnavailable


@contextlib.contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def client(timeout: float = 2.0) -> HttpClient:
    return HttpClient(offline=False, timeout_seconds=timeout)


def test_offline_raises_before_a_socket_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    offline = HttpClient(offline=True)
    with pytest.raises(NetworkForbidden, match="offline"):
        offline.get("http://127.0.0.1:1/")
    with pytest.raises(NetworkForbidden, match="offline"):
        offline.post("http://127.0.0.1:1/", b"")


def test_the_body_is_stored_before_it_is_handed_over() -> None:
    stored: dict[str, bytes] = {}

    def store(data: bytes):  # type: ignore[no-untyped-def]
        stored[str(sha256(data))] = data
        return sha256(data)

    with serving(lambda h: send(h, 200, b"payload", X_Kind="a")) as url:
        response = HttpClient(offline=False, store=store).get(url + "/x")
    assert response.status == 200
    assert response.body == b"payload"
    assert response.headers["x-kind"] == "a"
    assert response.digest == sha256(b"payload")
    assert stored == {str(sha256(b"payload")): b"payload"}


def test_it_says_who_it_is_and_sends_no_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[dict[str, str]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(dict(handler.headers.items()))
        send(handler, 200, b"", Set_Cookie="a=b")

    with serving(answer) as url, client() as http:
        http.get(url)
        http.get(url)
    assert seen[0]["User-Agent"].startswith("weighbridge/")
    assert all("Authorization" not in headers and "Cookie" not in headers for headers in seen)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "//127.0.0.1/", "http://", "", "http://[::1",
     "http://127.0.0.1:99999/", "gopher://127.0.0.1:70/_x", "http://127.0.0.1:0/"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceUnavailable):
        client().get(url)


def test_a_body_over_the_cap_is_cut_off_while_streaming() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(10_000):
                handler.wfile.write(b"x" * 65536)
        handler.close_connection = True

    with serving(endless) as url, pytest.raises(SourceUnavailable, match="more than 1000 bytes"):
        client().get(url, max_bytes=1000)


def test_a_trickle_ends_at_the_deadline() -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(200):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.02)

    started = time.monotonic()
    # on a busy machine a single byte may be late as well: either way the time is up
    with serving(trickle) as url, pytest.raises(SourceUnavailable, match=r"did not finish|in time"):
        client(0.05).post(url, b"")
    assert time.monotonic() - started < 3


def test_silence_times_out() -> None:
    with (
        serving(lambda h: time.sleep(0.6)) as url,
        pytest.raises(SourceUnavailable, match="in time"),
    ):
        client(0.1).post(url, b"")


def test_half_an_answer_is_no_answer() -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        send(handler, 200, b'{"vulns": [', Content_Length="500")
        handler.close_connection = True

    with serving(half) as url, pytest.raises(SourceUnavailable, match="no whole answer"):
        client().get(url)


def test_a_dropped_connection_is_no_answer() -> None:
    def drop(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with serving(drop) as url, pytest.raises(SourceUnavailable, match="no whole answer"):
        client().get(url)


def test_a_refused_connection_names_address_and_remedy() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SourceUnavailable) as caught:
        client().get(f"http://user:secret@127.0.0.1:{port}/q?token=secret")
    text = caught.value.diagnostics()
    assert f"http://127.0.0.1:{port}/q" in text
    assert "refused" in text
    assert "secret" not in text
    assert "proxy" in text


def test_a_redirect_to_another_host_is_not_followed() -> None:
    reached: list[str] = []

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        reached.append(handler.path)
        send(handler, 200, b"stolen")

    with (
        serving(elsewhere) as other,
        serving(lambda h: send(h, 302, Location=other + "/x")) as url,
        pytest.raises(SourceUnavailable, match="not followed"),
    ):
        client().get(url)
    assert reached == []


def test_a_redirect_to_a_file_is_not_followed() -> None:
    with (
        serving(lambda h: send(h, 302, Location="file:///etc/passwd")) as url,
        pytest.raises(SourceUnavailable),
    ):
        client().get(url)


def test_a_redirect_on_the_same_host_is_followed_and_a_loop_ends() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/a":
            send(handler, 301, Location="/b")
        elif handler.path == "/loop":
            send(handler, 302, Location="/loop")
        else:
            send(handler, 200, b"there")

    with serving(answer) as url:
        assert client().get(url + "/a").body == b"there"
        with pytest.raises(SourceUnavailable, match="times"):
            client().get(url + "/loop")
        with pytest.raises(SourceUnavailable, match="not followed"):
            client().post(url + "/a", b"data")


def test_a_compressed_answer_is_refused() -> None:
    with (
        serving(lambda h: send(h, 200, b"\x1f\x8b", Content_Encoding="gzip")) as url,
        pytest.raises(SourceUnavailable, match="compressed"),
    ):
        client().get(url)


def test_passing_trouble_is_tried_again_for_get_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    calls: list[str] = []

    def flaky(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        calls.append(handler.command)
        send(handler, 503 if len(calls) < 3 else 200, b"ok")

    with serving(flaky) as url:
        assert client().get(url).status == 200
        assert calls == ["GET"] * 3
        calls.clear()
        assert client().post(url, b"x").status == 503
        assert calls == ["POST"]
        calls.clear()
        assert client().post(url, b"x", idempotent=True).status == 200
        assert calls == ["POST"] * 3


def test_trouble_that_stays_is_handed_over_with_its_status(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("weighbridge.sources.http._BACKOFF_SECONDS", 0.001)
    with serving(lambda h: send(h, 503, b"busy")) as url:
        response = client().get(url)
    assert (response.status, response.body) == (503, b"busy")


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def proxy(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, 200, b"through the proxy")

    with serving(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "")
        response = client().get("http://advisories.invalid/v1")
    assert response.body == b"through the proxy"
    assert asked == ["http://advisories.invalid/v1"]
