"""Fingerprints in ``trust``, and what ``signatures`` demands of some files."""

from __future__ import annotations

import json

import pytest

from weighbridge.model.codec import from_json, to_json
from weighbridge.model.errors import ConfigurationError
from weighbridge.model.policy import PathDemands, Policy, SignerKind
from weighbridge.testing.signing_authority import authority

RULES = "rules:\n  unsigned-weights: {}\n"
ROOT, SECOND = authority(), authority("second")
HEX, HEX2 = "ab" * 32, "cd" * 32
TWO = f"  - {{name: a, key_sha256: {HEX}}}\n  - {{name: b, key_sha256: 'sha256:{HEX2}'}}\n"
WEIGHTS = "paths: ['**/*.safetensors']"


@pytest.fixture(autouse=True)
def files(tmp_path) -> None:
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    (tmp_path / "second.pem").write_bytes(SECOND.pem)


def body(*entries: str, base: str = "", trust: str = TWO) -> str:
    text = f"{RULES}trust:\n{trust}signatures:\n" + (f"  {base}\n" if base else "")
    return text + ("  by_path:\n" if entries else "") + "".join(f"  - {{{e}}}\n" for e in entries)


# -- fingerprints -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("key_sha256: abc", "key_sha256"),
        (f"key_sha256: {HEX.upper()}", "key_sha256"),
        (f"key_sha256: 'md5:{HEX}'", "key_sha256"),
        (f"key_sha256: {HEX}0", "key_sha256"),
        (f"key_sha256: {HEX}, public_key: x", "exactly one way"),
        (f"key_sha256: {HEX}, key_file: x", "exactly one way"),
        (f"key_sha256: {HEX}, certificate_roots: [ca.pem]", "exactly one way"),
        (f"key_sha256: {HEX}, identity: a@example.com", "which has no identity"),
        (f"key_sha256: {HEX}, issuer: a", "which has no issuer"),
        (f"key_sha256: {HEX}}}\n  - {{name: two, key_sha256: {HEX}", "have the same key"),
        (f"key_sha256s: {HEX}", "unknown key 'key_sha256s'"),
    ],
)
def test_hostile_fingerprints(entry: str, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(f"{RULES}trust:\n  - {{name: one, {entry}}}\n"))
    assert caught.value.line >= 8


def test_a_fingerprint_stands_in_the_record(write, load) -> None:
    policy = load(write(body(base="min_signers: 2")))
    assert [signer.kind for signer in policy.trust] == [SignerKind.FINGERPRINT] * 2
    assert [signer.fingerprint.value for signer in policy.trust] == [HEX, HEX2]
    assert from_json(Policy, json.loads(json.dumps(to_json(policy)))) == policy


# -- by path ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "entry", "words"),
    [
        ("", WEIGHTS, "demands nothing"),
        ("", f"{WEIGHTS}, because: why", "demands nothing"),
        ("", "min_signers: 2", "paths"),
        ("", "paths: [], min_signers: 2", "paths"),
        ("", "paths: w.bin, min_signers: 2", "paths"),
        ("", f"{WEIGHTS}, min_signer: 2", "unknown key 'min_signer'"),
        ("", f"{WEIGHTS}, by_path: []", "unknown key 'by_path'"),
        ("", f"{WEIGHTS}, min_signers: 0", "min_signers"),
        ("", f"{WEIGHTS}, min_signers: 3", "min_signers is 3, and the policy trusts 2"),
        ("", f"{WEIGHTS}, require_log: true", "can be met by Sigstore identities alone"),
        ("", f"{WEIGHTS}, max_age_days: 3", "no timestamp authority is trusted"),
        ("", f"{WEIGHTS}, timestamp_roots: [no.pem]", "does not exist"),
        ("", f"{WEIGHTS}, timestamp_roots: [../ca.pem]", "leaves the policy"),
        ("", f"{WEIGHTS}, min_signers: 2}}\n  - {{{WEIGHTS}, min_signers: 2", "the same paths"),
        ("min_signers: 2", f"{WEIGHTS}, min_signers: 1", "never less"),
        ("require_timestamp: true", f"{WEIGHTS}, require_timestamp: false", "never less"),
        ("max_age_days: 30", f"{WEIGHTS}, max_age_days: 31", "never less"),
        ("timestamp_roots: [ca.pem]", f"{WEIGHTS}, timestamp_roots: [second.pem]",
         "not among those for all files"),
    ],
)  # fmt: skip
def test_demands_that_cannot_be(base: str, entry: str, words: str, write, load) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(body(entry, base=base)))
    assert caught.value.line >= 7


def test_more_is_demanded_of_some_files(write, load) -> None:
    weights = f"{WEIGHTS}, min_signers: 2, timestamp_roots: [second.pem], max_age_days: 9"
    policy = load(write(body(weights, base="timestamp_roots: [ca.pem, second.pem]")))
    globs, second = ("**/*.safetensors",), SECOND.pem.decode()
    assert policy.signatures.by_path == (PathDemands(globs, 2, 9, timestamp_roots=(second,)),)
    weight, other = policy.signatures.of("a/w.safetensors"), policy.signatures.of("config.json")
    assert (weight.min_signers, weight.max_age_days, len(weight.root_groups)) == (2, 9, 2)
    assert (other.min_signers, other.max_age_days, len(other.root_groups)) == (1, 0, 1)
    assert len(policy.signatures.root_texts) == 2
    assert from_json(Policy, json.loads(json.dumps(to_json(policy)))) == policy


def test_a_policy_on_top_adds_and_takes_nothing_away(write, load) -> None:
    write(body(f"{WEIGHTS}, min_signers: 2"), "beneath.yaml")
    head = "extends: beneath.yaml\nsignatures: {timestamp_roots: [ca.pem], "
    policy = load(write(head + "by_path: [{paths: ['*'], require_timestamp: true}]}\n"))
    assert [d.paths for d in policy.signatures.by_path] == [("**/*.safetensors",), ("*",)]
    assert policy.signatures.of("w.safetensors").min_signers == 2
    # what is demanded of all reaches the files of the entries too
    policy = load(write(head + "max_age_days: 5}\n"))
    assert policy.signatures.of("w.safetensors").max_age_days == 5


@pytest.mark.parametrize(
    ("beneath", "on_top", "words"),
    [
        ("min_signers: 2", "min_signers: 1", "lowers min_signers from 2 to 1"),
        ("max_age_days: 5", "max_age_days: 6", "raises max_age_days from 5 to 6"),
        ("require_timestamp: true", "require_timestamp: false", "require_timestamp from true"),
        ("timestamp_roots: [ca.pem]", "timestamp_roots: [ca.pem, second.pem]", "authorities"),
    ],
)
def test_the_same_paths_are_loosened_only_with_a_reason(
    beneath: str, on_top: str, words: str, write, load
) -> None:
    both = "timestamp_roots: [ca.pem, second.pem]"
    write(body(f"{WEIGHTS}, {beneath}", base=both), "beneath.yaml")
    head = "extends: beneath.yaml\nsignatures: {by_path: [{"
    with pytest.raises(ConfigurationError, match=words) as caught:
        load(write(f"{head}{WEIGHTS}, {on_top}}}]}}\n"))
    assert "because" in caught.value.remedy
    policy = load(write(f"{head}{WEIGHTS}, {on_top}, because: a pilot}}]}}\n"))
    assert policy.signatures.because == "for **/*.safetensors: a pilot"
    assert len(policy.signatures.by_path) == 1
    # stricter needs no reason, and the rest of the entry stays
    policy = load(write(f"{head}{WEIGHTS}, min_signers: 2}}]}}\n"))
    assert policy.signatures.of("w.safetensors").min_signers == 2


def test_believing_further_timestamp_authorities_needs_a_reason(write, load) -> None:
    write(body(base="timestamp_roots: [ca.pem]"), "beneath.yaml")
    head = "extends: beneath.yaml\nsignatures: {timestamp_roots: [ca.pem, second.pem]"
    with pytest.raises(ConfigurationError, match="believes timestamp authorities"):
        load(write(f"{head}}}\n"))
    assert load(write(f"{head}, because: a second one}}\n")).signatures.because == "a second one"
