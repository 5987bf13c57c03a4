"""How many people vouch for a file, and which signatures count."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import SignatureDemands, TrustedSigner
from weighbridge.rules.signatures._vouching import vouching

DAY = dt.date(2026, 11, 20)
PATH = "w.safetensors"


def entry(name: str, *paths: str) -> TrustedSigner:
    return TrustedSigner(name, "key", sha256(name.encode()), paths or ("**",))


def signature(
    who: str, *entries: TrustedSigner, about: str = "", signed_at: str = "", **facts
) -> Evidence:
    stamps = facts.pop("timestamps", [])
    signing = {
        "identities": [w for w in who.split("+") if w],
        "issuer": "",
        "signed_at": signed_at,
        "time_source": "timestamp" if signed_at else "",
        "time_authority": "",
        "timestamps": stamps,
        "logged": facts.pop("logged", False),
        "trust_roots": [],
    }
    data = {
        "mode": "sigstore",
        "signature_state": "valid",
        "root_consistent": True,
        "covered": [PATH],
        "valid_for": [{"name": "?", "fingerprint": str(e.fingerprint)} for e in entries],
        "signing": signing,
    } | facts
    about = about or f"{who}.sig"
    return Evidence(
        EvidenceKind.SIGNATURE, about, EvidenceState.OBSERVED, "file:x", "signatures@1", data=data
    )


A, B, C = entry("a"), entry("b"), entry("c")


def count(*signatures: Evidence, trust=(A, B, C), **demands) -> int:
    found = vouching(PATH, signatures, trust, SignatureDemands(**demands), DAY)
    return found.count


def test_different_people_count() -> None:
    assert count() == 0
    assert count(signature("ann", A)) == 1
    assert count(signature("ann", A), signature("bob", B)) == 2


@pytest.mark.parametrize(
    "signatures",
    [
        [signature("ann", A), signature("ann", A, about="again.sig")],
        [signature("ann", A, B)],  # one signature, two entries that it falls under
        [signature("ann", A), signature("ann", B, about="again.sig")],
        [signature("ann", A), signature("ann+ann2", B)],  # two certificates that share a name
        [signature("ann", A), signature("ann+x", B), signature("x", C)],
        [signature("ann", A), signature("bob", A)],  # two people in one role
    ],
)
def test_one_person_or_one_role_counts_once(signatures) -> None:
    for order in itertools.permutations(signatures):
        assert count(*order) == 1


def test_roles_are_given_out_as_well_as_they_can_be() -> None:
    wide, narrow = signature("ann", A, B), signature("bob", A)
    assert count(wide, narrow) == count(narrow, wide) == 2
    assert count(wide, narrow, signature("cid", A)) == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"signature_state": "invalid"},
        {"signature_state": "untrusted"},
        {"signature_state": "no-known-key"},
        {"root_consistent": False},
        {"covered": ["other"]},
        {"valid_for": []},
    ],
)
def test_what_does_not_count(facts) -> None:
    assert count(signature("ann", A, **facts)) == 0


def test_a_signer_of_another_policy_with_the_same_name_does_not_count() -> None:
    assert count(signature("ann", A), trust=(B,)) == 0


def test_paths_bind_each_entry() -> None:
    elsewhere = entry("a", "other/**")
    found = vouching(PATH, [signature("ann", elsewhere)], [elsewhere], SignatureDemands(), DAY)
    assert (found.count, found.elsewhere) == (0, ("a",))


STAMP = {"time": "2026-11-01T00:00:00+00:00", "authority": "x", "trusted": True, "reason": ""}


@pytest.mark.parametrize(
    ("demands", "facts", "key"),
    [
        ({"require_timestamp": True}, {}, "timestamp-missing"),
        ({"require_timestamp": True}, {"timestamps": [STAMP | {"trusted": False}]},
         "timestamp-missing"),
        ({"require_timestamp": True}, {"timestamps": [STAMP]}, ""),
        ({"require_log": True}, {}, "log-missing"),
        ({"require_log": True}, {"logged": True}, ""),
        ({"max_age_days": 10}, {}, "signature-too-old"),
        ({"max_age_days": 10}, {"signed_at": "2026-11-10T23:59:59+00:00"}, ""),
        ({"max_age_days": 10}, {"signed_at": "2026-11-09T23:59:59+00:00"}, "signature-too-old"),
        ({"max_age_days": 10}, {"signed_at": "2026-12-24T00:00:00+00:00"}, ""),
    ],
)  # fmt: skip
def test_demands(demands, facts, key: str) -> None:
    found = vouching(PATH, [signature("ann", A, **facts)], [A], SignatureDemands(**demands), DAY)
    assert [shortfall.key for shortfall in found.shortfalls] == ([key] if key else [])
    assert found.count == (0 if key else 1)


def test_a_good_signature_beside_a_bad_one_counts() -> None:
    good = signature("ann", A, timestamps=[STAMP])
    assert count(signature("ann", A, about="old.sig"), good, require_timestamp=True) == 1
