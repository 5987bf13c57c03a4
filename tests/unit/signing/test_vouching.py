"""How many people vouch for a file, and which signatures count."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from weighbridge.model.digest import sha256
from weighbridge.model.evidence import Evidence, EvidenceKind, EvidenceState
from weighbridge.model.policy import PathDemands, SignatureDemands, TrustedSigner, root_group
from weighbridge.rules.signatures._vouching import vouching

DAY = dt.date(2026, 11, 20)
PATH = "w.safetensors"


def entry(name: str, *paths: str) -> TrustedSigner:
    return TrustedSigner(name, "", sha256(name.encode()), paths or ("**",), identity=name)


def key(name: str, *, pem: str = "key") -> TrustedSigner:
    """A key, by itself or with ``pem=""`` by its fingerprint."""
    return TrustedSigner(name, pem, sha256(name.encode()))


def signature(
    who: str, *entries: TrustedSigner, about: str = "", signed_at: str = "", **facts
) -> Evidence:
    stamps = [{"groups": []} | stamp for stamp in facts.pop("timestamps", [])]
    signing = {
        "identities": [w for w in who.split("+") if w],
        "issuer": "",
        "signed_at": signed_at,
        "time_source": "timestamp" if signed_at else "",
        "time_authority": "",
        "timestamps": stamps,
        "logged": facts.pop("logged", False),
        "trust_roots": [],
        "key": str(facts.pop("certified_key", "")),
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


# -- keys and certificates of one person ------------------------------------------------------


@pytest.mark.parametrize("pem", ["key", ""])
def test_a_key_and_a_certificate_for_it_are_one_person(pem: str) -> None:
    """Two signatures with one stolen key must not make two of two."""
    k = key("k", pem=pem)
    alone = signature("", k, mode="key", about="key.sig")
    certified = signature("ann", A, mode="certificate", certified_key=k.fingerprint)
    assert count(alone, certified, trust=(k, A)) == 1
    other = signature("ann", A, mode="certificate", certified_key=sha256(b"another key"))
    assert count(alone, other, trust=(k, A)) == 2


def test_certificates_that_name_nobody_are_told_apart_by_their_keys() -> None:
    k, m = key("k", pem=""), key("m", pem="")
    first = signature("", k, mode="certificate", certified_key=k.fingerprint, about="1.sig")
    again = signature("", k, mode="certificate", certified_key=k.fingerprint, about="2.sig")
    second = signature("", m, mode="certificate", certified_key=m.fingerprint, about="3.sig")
    assert count(first, again, trust=(k, m)) == 1
    assert count(first, second, trust=(k, m)) == 2


# -- by path ----------------------------------------------------------------------------------

PUBLIC, OWN = ("public root",), ("own root",)
BY_BOTH = STAMP | {"groups": [root_group(PUBLIC), root_group(OWN)]}
BY_PUBLIC = STAMP | {"groups": [root_group(PUBLIC)]}


def found(*signatures: Evidence, path: str = PATH, trust=(A, B, C), **demands):
    return vouching(path, signatures, trust, SignatureDemands(**demands), DAY)


def test_more_signers_for_some_files() -> None:
    more = (PathDemands(("**/*.safetensors", "*.safetensors"), min_signers=2),)
    one = signature("ann", A, covered=[PATH, "config.json"])
    assert not found(one, by_path=more).enough
    assert found(one, by_path=more).needed == 2
    assert found(one, path="config.json", by_path=more).enough
    assert found(one, signature("bob", B), by_path=more).enough


def test_every_entry_that_matches_must_be_met() -> None:
    more = (
        PathDemands(("**",), require_log=True),
        PathDemands(("w.*",), min_signers=2, max_age_days=10),
        PathDemands(("other/**",), min_signers=9),
    )
    recent = {"signed_at": "2026-11-15T00:00:00+00:00"}
    two = [signature("ann", A, logged=True, **recent), signature("bob", B, logged=True, **recent)]
    assert found(*two, by_path=more).enough
    assert not found(*two, by_path=more, max_age_days=2).enough  # the strictest of all counts
    assert not found(two[0], signature("bob", B, **recent), by_path=more).enough
    assert not found(two[0], signature("bob", B, logged=True), by_path=more).enough


def test_less_is_never_demanded_of_some_files() -> None:
    less = (PathDemands(("**",), min_signers=1, max_age_days=9999),)
    old = signature("ann", A, signed_at="2026-01-01T00:00:00+00:00")
    assert not found(old, by_path=less, max_age_days=10).enough
    assert found(old, by_path=less, min_signers=2).needed == 2


def test_timestamps_of_some_authorities_only() -> None:
    own = (PathDemands(("w.*",), timestamp_roots=OWN),)
    demands = {"require_timestamp": True, "timestamp_roots": PUBLIC + OWN, "by_path": own}
    everywhere = root_group(PUBLIC + OWN)
    by_public = STAMP | {"groups": [everywhere]}
    by_own = STAMP | {"groups": [everywhere, root_group(OWN)]}
    for stamps, enough in (([by_public], False), ([by_own], True), ([by_public, by_own], True)):
        one = signature("", key("k"), mode="key", timestamps=stamps, covered=[PATH, "config.json"])
        assert found(one, trust=(key("k"),), **demands).enough is enough
        assert found(one, trust=(key("k"),), path="config.json", **demands).enough


def test_a_certificate_judged_at_a_time_that_does_not_count_here() -> None:
    """It may have expired since: whoever is not believed for the path must not date it."""
    own = (PathDemands(("w.*",), timestamp_roots=OWN),)
    facts = {"mode": "certificate", "signed_at": STAMP["time"], "covered": [PATH, "config.json"]}
    dated = signature("ann", A, timestamps=[BY_PUBLIC], **facts)
    (shortfall,) = found(dated, by_path=own).shortfalls
    assert (shortfall.key, "judged at a time" in shortfall.words) == ("timestamp-missing", True)
    assert found(dated, path="config.json", by_path=own).enough
    assert found(signature("ann", A, timestamps=[BY_BOTH], **facts), by_path=own).enough
    # an earlier stamp of the other authority decided, and not the one that counts
    earlier = BY_PUBLIC | {"time": "2026-10-01T00:00:00+00:00"}
    both = signature("ann", A, timestamps=[earlier, BY_BOTH],
                     **facts | {"signed_at": earlier["time"]})  # fmt: skip
    assert not found(both, by_path=own).enough
    # whoever trusts the key itself trusts it at any time
    k = key("k", pem="")
    assert found(
        signature("ann", k, timestamps=[BY_PUBLIC], **facts), trust=(k,), by_path=own
    ).enough


def test_age_is_counted_from_a_time_that_counts_here() -> None:
    own = (PathDemands(("w.*",), timestamp_roots=OWN, max_age_days=30),)
    late = BY_BOTH | {"time": "2026-11-19T00:00:00+00:00"}
    old = BY_BOTH | {"time": "2026-01-01T00:00:00+00:00"}
    k = key("k")
    for stamps, enough in (([late], True), ([late, old], False), ([BY_PUBLIC], False)):
        one = signature("", k, mode="key", timestamps=stamps, signed_at=stamps[-1]["time"])
        assert found(one, trust=(k,), by_path=own).enough is enough
