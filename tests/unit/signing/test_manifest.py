"""The signed statement: what is refused, and what is merely not supported."""

import json

import pytest

from weighbridge.model.digest import Digest
from weighbridge.model.errors import HostileInput
from weighbridge.signing.dsse import IN_TOTO, Envelope
from weighbridge.signing.errors import (
    LegacyManifest,
    MalformedBundle,
    MalformedManifest,
    UnrelatedSignature,
    UnsupportedSignature,
)
from weighbridge.signing.manifest import Manifest
from weighbridge.signing.resources import Resource, check_name, root_digest

A, B = "a" * 64, "b" * 64


def _statement(resources=None, **serialization):
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": A}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                **serialization,
            },
            "resources": [_resource("w.bin")] if resources is None else resources,
        },
    }


def _resource(name, digest=A, algorithm="sha256"):
    return {"name": name, "digest": digest, "algorithm": algorithm}


def _read(statement, payload_type=IN_TOTO):
    payload = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
    return Manifest.from_envelope(Envelope(payload_type, payload, b"s"))


HOSTILE_NAMES = [
    "",
    "/etc/passwd",
    "../up",
    "a/../../b",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "a\\b",
    "a\0b",
    "\ud800",
    "n" * 5000,
    7,
    None,
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=lambda n: repr(n)[:20])
def test_hostile_names_are_refused(name):
    with pytest.raises(MalformedManifest):
        _read(_statement([_resource(name)]))
    with pytest.raises(MalformedManifest):
        _read(_statement(ignore_paths=[name] if name != "a/" else [""]))


@pytest.mark.parametrize("digest", ["", "abc", "A" * 64, "g" * 64, "a" * 63, "a" * 128, 5, None])
def test_a_digest_has_the_length_and_letters_of_its_algorithm(digest):
    with pytest.raises(MalformedManifest):
        _read(_statement([_resource("w", digest)]))
    with pytest.raises(MalformedManifest):
        _read({**_statement(), "subject": [{"name": "m", "digest": {"sha256": digest}}]})


@pytest.mark.parametrize(
    "statement",
    [
        _statement([]),
        _statement({}),
        _statement(["x"]),
        _statement([_resource("w"), _resource("w", B)]),
        _statement([_resource("w", algorithm="blake3")]),
        _statement([_resource("w", algorithm=None)]),
        _statement(allow_symlinks="false"),
        _statement(ignore_paths="x"),
        _statement(ignore_paths=["."]),
        _statement(ignore_paths=["x"] * 1001),
        _statement(method=None),
        _statement(hash_type=["sha256"]),
        {**_statement(), "_type": "https://in-toto.io/Statement/v0.1"},
        {**_statement(), "predicateType": None},
        {**_statement(), "predicateType": "x" * 2000},
        {**_statement(), "predicate": None},
        {**_statement(), "predicate": {"serialization": []}},
        {**_statement(), "subject": []},
        {**_statement(), "subject": _statement()["subject"] * 2},
        {**_statement(), "subject": ["x"]},
        {**_statement(), "subject": [{"name": 5, "digest": {"sha256": A}}]},
        {**_statement(), "subject": [{"name": "m", "digest": {"sha512": A}}]},
        [],
        b"",
        b"{",
        b'{"_type": 1, "_type": 1}',
        b"[" * 5000,
        b'{"a": NaN}',
    ],
)
def test_a_statement_that_breaks_the_format_is_refused(statement):
    with pytest.raises(HostileInput) as caught:
        _read(statement)
    assert not isinstance(caught.value, UnsupportedSignature)


def test_the_payload_type_must_be_in_toto():
    with pytest.raises(MalformedBundle, match="payload type"):
        _read(_statement(), payload_type="application/json")


def test_what_is_not_supported_is_named():
    legacy = {**_statement(), "predicateType": "https://model_signing/Digests/v0.1"}
    with pytest.raises(LegacyManifest, match=r"model_signing 0\.2"):
        _read(legacy)
    with pytest.raises(UnsupportedSignature, match="serialization method"):
        _read(_statement(method="merkle"))
    with pytest.raises(UnsupportedSignature, match="hash type"):
        _read(_statement(hash_type="md5"))
    with pytest.raises(UnsupportedSignature, match="single file"):
        _read(_statement([_resource(".")]))
    with pytest.raises(UnrelatedSignature) as caught:
        _read({**_statement(), "predicateType": "https://slsa.dev/provenance/v1"})
    assert caught.value.predicate_type == "https://slsa.dev/provenance/v1"


def test_unusual_names_that_files_may_have_are_taken():
    for name in ("a b", "..x", "x..", ".hidden", "a\nb", "Größe.bin", "a:0:9", "-rf", "~"):
        assert check_name(name) == ""


def test_round_trip_keeps_the_listed_order():
    resources = (Resource("z", Digest("sha256", A)), Resource("a", Digest("sha256", B)))
    manifest = Manifest(
        "Größe", resources, root_digest(resources), ignore_paths=(".git", "model.sig")
    )
    again = _read(manifest.to_envelope_payload())
    assert again == manifest
    assert again.root_consistent
    assert not _read(_statement()).root_consistent


def test_unknown_predicate_fields_are_left_alone():
    statement = _statement()
    statement["predicate"]["later"] = {"anything": 1}
    assert _read(statement).resources[0].name == "w.bin"
