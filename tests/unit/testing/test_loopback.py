"""The loopback services answer as the real ones do, and stop when they are told to."""

from __future__ import annotations

import hashlib
import json
import socket
import threading

import pytest

from weighbridge.sources.http import HttpClient, SourceUnavailable
from weighbridge.testing.certificate_authority import CertificateAuthority, Refused, identity_token
from weighbridge.testing.sigstore import MAX_REQUEST_BYTES, LoopbackTrust
from weighbridge.testing.transparency import (
    TransparencyLog,
    inclusion_path,
    leaf_hash,
    root_hash,
)
from weighbridge.testing.tsa import Mode


def climb(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The verifier's side of an inclusion proof, from RFC 9162 2.1.3.2, on its own terms."""
    node, last = index, size - 1
    root = leaf
    for sibling in path:
        assert last > 0
        if node & 1 or node == last:
            root = hashlib.sha256(b"\1" + sibling + root).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\1" + root + sibling).digest()
        node, last = node >> 1, last >> 1
    assert last == 0
    return root


@pytest.mark.parametrize("size", range(1, 20))
def test_every_leaf_of_every_tree_is_provable(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    root = root_hash(leaves)
    for index, leaf in enumerate(leaves):
        assert climb(index, size, leaf, inclusion_path(index, leaves)) == root


def test_the_tree_hash_is_that_of_rfc_6962() -> None:
    # the test vectors of the certificate-transparency reference implementation
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_hash([]).hex() == empty
    one = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_hash([leaf_hash(b"")]).hex() == one
    two = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert root_hash([leaf_hash(b""), leaf_hash(b"\0")]).hex() == two


def test_a_log_entry_names_its_place() -> None:
    log = TransparencyLog("127.0.0.1:1")
    request = {"hashedRekordRequestV002": {"digest": "AA==", "signature": {"content": "AA=="}}}
    assert [log.add(request)["logIndex"] for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(KeyError):
        log.add({"intotoRequest": {}})


@pytest.mark.parametrize("authorization", ["", "Bearer x", "Basic a.b.c", "Bearer a.!!!.c"])
def test_the_authority_refuses_what_is_no_token(authorization: str) -> None:
    with pytest.raises(Refused):
        CertificateAuthority().issue(authorization, {})


@pytest.mark.parametrize("request_body", [{}, {"certificateSigningRequest": "AAAA"}])
def test_the_authority_refuses_what_is_no_request(request_body: dict[str, str]) -> None:
    token = identity_token("alice@example.com", "https://issuer.example.com")
    with pytest.raises(Refused):
        CertificateAuthority().issue(f"Bearer {token}", request_body)


def test_unknown_paths_and_broken_bodies_are_answered() -> None:
    with LoopbackTrust() as trust, HttpClient(offline=False) as http:
        assert http.get(f"{trust.url}/nothing").status == 404
        assert http.post(f"{trust.url}/nothing", b"{}").status == 404
        assert http.post(f"{trust.url}/api/v2/log/entries", b"{").status == 400
        assert http.post(trust.timestamp_url, b"no request").status == 400
        discovery = http.get(f"{trust.url}/oauth2/.well-known/openid-configuration")
        assert json.loads(discovery.body)["issuer"].startswith(trust.url)


def test_a_body_that_is_too_long_is_not_read() -> None:
    with LoopbackTrust() as trust:
        host, port = trust.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            length = MAX_REQUEST_BYTES + 1
            raw.sendall(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % length)
            assert b" 413 " in raw.recv(100)


def test_it_stops_at_once_even_while_stalling() -> None:
    failed = []

    def ask(url: str) -> None:
        try:
            if HttpClient(offline=False, timeout_seconds=20).post(url, b"x").status == 503:
                failed.append("503")
        except SourceUnavailable:
            failed.append("gone")

    with LoopbackTrust() as trust:
        trust.timestamps.mode = Mode.STALL
        asker = threading.Thread(target=ask, args=(trust.timestamp_url,))
        asker.start()
        while not trust.timestamps.requests:
            pass
    asker.join(timeout=5)
    assert not asker.is_alive()
    assert failed
    with pytest.raises(SourceUnavailable), HttpClient(offline=False) as http:
        http.post(trust.timestamp_url, b"x")
    trust.stop()  # a second time


def test_a_mode_ends_with_its_block() -> None:
    with LoopbackTrust() as trust:
        with pytest.raises(RuntimeError), trust.timestamp_mode(Mode.HTML):
            raise RuntimeError
        assert trust.timestamps.mode is Mode.GRANT
