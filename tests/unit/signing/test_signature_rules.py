"""The signature rules over what the collector sees: several signers, several signatures."""

import datetime as dt

from weighbridge.collect.context import CollectContext
from weighbridge.collect.signatures import collect
from weighbridge.model.finding import Outcome, Severity
from weighbridge.model.rule import Case
from weighbridge.rules.signatures import signature_mismatch, unsigned_weights, untrusted_signer
from weighbridge.signing import keys
from weighbridge.signing.bundle import MEDIA_TYPE
from weighbridge.signing.oms import sign_oms
from weighbridge.testing.memory import snapshot_of

DAY = dt.date(2026, 11, 20)
ALICE, BOB, EVE = keys.generate_key(), keys.generate_key(), keys.generate_key()
FILES = {"config.json": b"{}", "base.safetensors": b"base", "adapters/a.bin": b"adapter"}


def _signer(private, name, *paths):
    pem = keys.public_pem(private.public_key()).encode()
    return keys.trusted_signer(name, pem, paths or ("**",))


def _sign(private, files=FILES):
    return sign_oms(snapshot_of(files), private)


def _case(files, trust):
    snapshot = snapshot_of(files)
    evidence = tuple(collect(CollectContext(snapshot, DAY, True, tuple(trust))))
    return Case(snapshot.subject, DAY, evidence, {}, tuple(trust))


def _all(files, trust):
    case = _case(files, trust)
    rules = (unsigned_weights, signature_mismatch, untrusted_signer)
    return [rule.check(case).outcome for rule in rules]


def test_two_signers_share_the_paths():
    trust = [_signer(ALICE, "alice", "*.safetensors"), _signer(BOB, "bob", "adapters/**")]
    both = {**FILES, "a.sig": _sign(ALICE), "b.sig": _sign(BOB)}
    assert _all(both, trust) == [Outcome.PASS] * 3
    only_alice = _case({**FILES, "a.sig": _sign(ALICE)}, trust)
    conclusion = untrusted_signer.check(only_alice)
    assert conclusion.outcome is Outcome.FAIL
    assert [(f.location.path, f.key) for f in conclusion.findings] == [
        ("adapters/a.bin", "signer-not-for-path")
    ]


def test_a_model_signed_anew_by_a_stranger_fails():
    files = {**FILES, "base.safetensors": b"evil"}
    signed = {**files, "model.sig": _sign(EVE, files)}
    outcomes = _all(signed, [_signer(ALICE, "alice")])
    assert outcomes == [Outcome.PASS, Outcome.PASS, Outcome.FAIL]


def test_a_stranger_cannot_soften_the_failure_with_further_signature_files():
    files = {**FILES, "base.safetensors": b"evil"}
    junk = f'{{"mediaType": "{MEDIA_TYPE}"'.encode()
    signed = {**files, "model.sig": _sign(EVE, files), "z.sig": junk}
    assert _all(signed, [_signer(ALICE, "alice")])[2] is Outcome.FAIL


def test_a_changed_weight_fails_even_with_a_good_signature_of_a_stranger():
    files = {**FILES, "base.safetensors": b"evil"}
    signed = {**files, "model.sig": _sign(ALICE), "eve.sig": _sign(EVE, files)}
    case = _case(signed, [_signer(ALICE, "alice")])
    assert signature_mismatch.check(case).outcome is Outcome.FAIL
    conclusion = untrusted_signer.check(case)
    assert conclusion.outcome is Outcome.FAIL
    assert [f.location.path for f in conclusion.findings] == ["base.safetensors"]


def test_a_weight_in_a_place_that_the_format_leaves_out_is_unsigned():
    files = {**FILES, ".github/evil.pt": b"evil"}
    case = _case({**files, "model.sig": _sign(ALICE)}, [_signer(ALICE, "alice")])
    conclusion = unsigned_weights.check(case)
    assert conclusion.outcome is Outcome.FAIL
    assert [f.location.path for f in conclusion.findings] == [".github/evil.pt"]
    assert untrusted_signer.check(case).outcome is Outcome.FAIL


def test_how_much_an_added_file_weighs():
    trust = [_signer(ALICE, "alice")]
    for name, severity in [
        ("notes.md", Severity.MEDIUM),
        ("modeling.py", None),
        ("chat_template.jinja", None),
        ("extra.safetensors", None),
    ]:
        case = _case({**FILES, "model.sig": _sign(ALICE), name: b"x"}, trust)
        (finding,) = signature_mismatch.check(case).findings
        assert finding.severity is severity, name
        assert finding.location.path == name
        assert "sha256:" in finding.message


def test_no_evidence_is_unknown_and_never_a_pass():
    case = Case(snapshot_of(FILES).subject, DAY, (), {}, ())
    for rule in (unsigned_weights, signature_mismatch, untrusted_signer):
        assert rule.check(case).outcome is Outcome.UNKNOWN


def test_messages_are_sentences():
    files = {**FILES, "base.safetensors": b"evil", "model.sig": _sign(ALICE)}
    for rule in (signature_mismatch, untrusted_signer):
        for finding in rule.check(_case(files, [_signer(ALICE, "alice")])).findings:
            assert finding.message.endswith(".")
            assert finding.remedy.endswith(".")
            assert finding.evidence or finding.key == "not-covered"
