"""One text at a time: hostile ones, near misses, escapes, what is kept of a value."""

from __future__ import annotations

import json
import time

import pytest
from tests.unit.collect.secret_samples import BASE62, HEX, Maker, in_words, keys, tokens

from weighbridge.collect import secret_checks as checks
from weighbridge.collect.secret_config import MAX_KEYS, credential_keys
from weighbridge.collect.secret_patterns import NEAR, TOKENS
from weighbridge.collect.secret_places import texts_of
from weighbridge.collect.secret_scan import MAX_HITS, Breadth, scan
from weighbridge.model.artifact import Kind

MAKE = Maker(8)
GITHUB = MAKE.crc("ghp")
FACE = "h" + f"f_{MAKE.of(BASE62[10:], 34)}"


def rules(text: str, breadth: Breadth = Breadth.WIDE) -> list[str]:
    """The patterns that a text is found to hold."""
    return [hit.pattern.id for hit in scan(text.encode(), breadth).hits]


@pytest.mark.parametrize(
    "text",
    [
        b"ey" + b"JeyJ" * 500_000,
        b"eyJ-" * 500_000,
        (b"sk-" * 43 + b"T3Blbk" + b"FJ") * 10_000,
        b"-----BEGIN " + b"PRIVATE KEY-----" * 100_000,
        b"-----BEGIN PRIVATE" + b" KEY-----\n" + b"A\n" * 1_000_000,
        (b"wandb" + b"key." * 10) * 40_000,
        b"password = " * 150_000,
        b"aws_secret" + b" " * 2_000_000,
        b"sig=" + b"a%2b" * 400_000,
        b"://a:bbbbbbbbbbb" * 100_000,
        bytes(range(256)) * 8_000,
    ],
    ids=range(11),
)
def test_a_text_made_to_cost_time_costs_little(text) -> None:
    began = time.process_time()
    scan(text, Breadth.CONFIG)
    assert time.process_time() - began < 5


def test_what_was_not_tried_is_told() -> None:
    assert scan(b"://a:bb@" * 500_000).cut
    assert not scan(b"://a:bb@" * 100).cut


def test_no_more_places_than_the_bound_are_reported() -> None:
    text = "\n".join(MAKE.crc("ghp") for _ in range(MAX_HITS + 7))
    found = scan(text.encode())
    assert (len(found.hits), found.dropped) == (MAX_HITS, 7)
    assert [hit.line for hit in found.hits] == list(range(1, MAX_HITS + 1))


@pytest.mark.parametrize("form", [*tokens(MAKE), *keys(MAKE)], ids=lambda form: form[0])
def test_each_token_is_known_in_every_text(form) -> None:
    rule, value = form
    assert rules(f"x = '{value}'\n", Breadth.NARROW) == [rule]


@pytest.mark.parametrize("form", in_words(MAKE), ids=lambda form: form[1][:14])
def test_others_need_words_and_are_left_out_of_vocabularies(form) -> None:
    rule, line, value = form
    assert rules(line + "\n", Breadth.CONFIG) == [rule]
    if rule in {pattern.id for pattern in NEAR} - {pattern.id for pattern in TOKENS}:
        assert rules(line + "\n", Breadth.NARROW) == []
        assert rules(f"layer = {value}") == []


@pytest.mark.parametrize(
    "text",
    [
        GITHUB[:-1] + ("a" if GITHUB[-1] != "a" else "b"),  # its checksum is wrong
        "x" + GITHUB,
        GITHUB + "x",
        FACE[:-1],
        "h" + "f_" + "x" * 34,
        "AK" + "IAIOSFODNN7" + "EXAMPLE",
        f"password_hash = '{MAKE.of(HEX, 64)}'",
        f"secret = 'sha256:{MAKE.of(HEX, 64)}'",
        "password = 'correct-horse-battery'",
        "api_key = os.environ['SERVICE_API_KEY_2']",
        'password: "${DB_PASSWORD_1}"',
        "https://user:password@host.invalid/",
        "https://a%40b.invalid:a%20secret@host.invalid/",
        f"wandb @ git+https://host.invalid/wandb.git@{MAKE.of(HEX, 40)}",
        "eyJ" + "hbGciOiJub25lIn0.eyJzdWIiOiIxIn0aaaaaa." + "b" * 30,
    ],
    ids=range(15),
)
def test_what_only_looks_like_one_is_none(text) -> None:
    assert rules(text, Breadth.CONFIG) == []


@pytest.mark.parametrize("before", ['"\\n', "\x1b[32m", "%20", "=", "é"])
def test_an_escape_before_a_token_does_not_hide_it(before) -> None:
    assert rules(f"{before}{FACE} ") == ["hugging-face-token"]


def test_of_a_token_four_characters_are_kept_and_of_a_password_none() -> None:
    hit = scan(FACE.encode()).hits[0]
    assert (hit.masked, hit.length) == (FACE[:4] + "…", 37)
    assert hit.fingerprint == checks.fingerprint(FACE.encode())
    assert scan(f"twice {FACE}".encode()).hits[0].fingerprint == hit.fingerprint
    chosen = f"Tr4ck{MAKE.of(BASE62, 5)}!q"
    hit = scan(f'password = "{chosen}"'.encode()).hits[0]
    assert (hit.masked, hit.fingerprint, hit.length) == ("…", "", 12)


def test_a_notebook_is_searched_by_cell_and_output() -> None:
    cells = [
        {"cell_type": "markdown", "source": "nothing"},
        {"cell_type": "code", "source": ["a = 1\n", f"b = '{GITHUB}'\n"], "outputs": [
            {"data": {"text/plain": f"first\n{FACE}", "image/png": FACE}}]},
    ]  # fmt: skip
    data = json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
    places = [
        (text.member, hit.pattern.id, hit.line)
        for text in texts_of("a.ipynb", data, Kind.JSON)
        for hit in scan(text.data, text.breadth).hits
    ]
    assert places == [("cell 2", "github-token", 2), ("cell 2 output 1", "hugging-face-token", 2)]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"cells": 1}', b'{"cells": [1, null, "x"]}', b""])
def test_a_notebook_that_is_none_is_searched_as_text(data) -> None:
    raw = data + f" {FACE} ".encode()
    found = [h for t in texts_of("a.ipynb", raw, Kind.JSON) for h in scan(t.data, t.breadth).hits]
    assert len(found) == 1


def test_a_header_longer_than_its_file_is_searched_as_far_as_it_goes() -> None:
    data = (2**63).to_bytes(8, "little") + f'{{"note": "{FACE}"}}'.encode()
    (text,) = texts_of("m.safetensors", data, Kind.SAFETENSORS)
    hit = scan(text.data, text.breadth).hits[0]
    assert data[text.base + hit.offset :].startswith(FACE.encode())


def test_keys_of_configurations_are_told_by_the_form_of_their_values() -> None:
    data = b"""
db_password: vault://kv/harbor#password
hub_token: ${HF_TOKEN}
  "api_key": "k3-harbor-lights",
clientSecret = abcdef  # written out
access_token: null
use_auth_token: true
eos_token: "</s>"
secret: "<SECRET>"
private_key: arn:aws:secretsmanager:eu-central-1:1:secret:x
tokenizer: x
"""
    found, dropped = credential_keys(data)
    assert [(k["key"], k["line"], k["form"]) for k in found] == [
        ("db_password", 2, "vault"),
        ("hub_token", 3, "environment"),
        ("api_key", 4, "literal"),
        ("clientSecret", 5, "literal"),
        ("private_key", 10, "vault"),
    ]
    assert dropped == 0


def test_keys_are_bounded_and_long_lines_cost_little() -> None:
    found, dropped = credential_keys(b"api_key: harbor\n" * (MAX_KEYS + 3))
    assert (len(found), dropped) == (MAX_KEYS, 3)
    began = time.process_time()
    assert credential_keys(b"a_" * 3_000_000) == ([], 0)
    assert credential_keys((b"_" * 99 + b" : \n") * 20_000)[0] == []
    assert time.process_time() - began < 5
