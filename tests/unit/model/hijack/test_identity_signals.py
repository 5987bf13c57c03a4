"""Identity, repository, likeness, keys of releases, quarantine."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    NOT_APPLICABLE,
    UNAVAILABLE,
    fired,
    history,
    project,
    release,
    states,
    view,
)

from weighbridge.model.facts.project import ProjectFacts
from weighbridge.model.hijack import (
    changed_release_key,
    changed_repository,
    hostile_fork,
    quarantined_project,
    recreated_namespace,
)

OLD_ID, NEW_ID = "638f7ae36c25af4071044105", "6a1f00006c25af4071044105"
EVIL = "x\u202ey\x1b[2J\u2066\n\x00"


def repository(**changes: Any) -> dict[str, Any]:
    facts = dict(project()["repository"] or {})
    assert changes.keys() <= facts.keys()
    return facts | changes


def hub(**changes: Any) -> ProjectFacts:
    facts: dict[str, Any] = {
        "system": "huggingface", "name": "org/model", "identity": OLD_ID,
        "created": "2022-12-06T17:24:51Z", "repository": None, "releases": [],
    }  # fmt: skip
    return project(**(facts | changes))


# ---- recreated-namespace


def recreated(now: ProjectFacts, before: ProjectFacts | None = None) -> list[Any]:
    return list(recreated_namespace.read(view(now, before)))


def test_another_number_under_the_same_name_fires() -> None:
    found = fired(recreated(hub(identity=NEW_ID, created="2026-06-02T00:00:00Z"), hub()))
    assert [reading.key for reading in found] == ["project"]
    assert NEW_ID in found[0].what
    assert "2022-12-06" in found[0].what


def test_without_a_baseline_there_is_no_identity_to_lose() -> None:
    assert states(recreated(hub())) == {NOT_APPLICABLE}


def test_a_number_in_capitals_is_the_same() -> None:
    assert states(recreated(hub(identity=OLD_ID.upper()), hub())) == {CLEAR}


@pytest.mark.parametrize("lie", [f" {OLD_ID}", f"{OLD_ID}\u200b", OLD_ID[:-1], "0" * 24, EVIL])
def test_a_number_that_only_looks_the_same_fires(lie) -> None:
    found = fired(recreated(hub(identity=lie), hub()))
    assert found
    assert all(reading.what.isprintable() for reading in found)


def test_the_time_inside_the_number_tells_without_an_accepted_number() -> None:
    before = hub(identity="")
    later = hub(identity=NEW_ID, created="")
    assert [r.key for r in fired(recreated(later, before))] == ["created"]
    lying = hub(identity=NEW_ID)  # the service's day is the old one's, its number is not
    assert [r.key for r in fired(recreated(lying, before))] == ["created"]
    assert states(recreated(hub(created=""), before)) == {CLEAR}


def test_a_later_day_of_creation_fires_on_a_hub() -> None:
    later = hub(identity="", created="2026-06-02T00:00:00Z")
    assert states(recreated(later, hub())) == {FIRED}


def test_what_does_not_tell_who_it_is_is_not_clear() -> None:
    blank = hub(identity="", created="")
    assert states(recreated(blank, hub())) == {UNAVAILABLE}
    assert states(recreated(hub(created=""), blank)) == {UNAVAILABLE}
    assert states(recreated(blank, blank)) == {UNAVAILABLE}


def test_an_owner_who_removes_first_releases_is_no_stranger() -> None:
    before = project(identity="")
    later = project(history()[5:], identity="", created="2024-09-01T00:00:00Z")
    assert states(recreated(later, before)) == {CLEAR}
    strangers = project([release("9.0.0", 900)], identity="", created="2026-10-01T00:00:00Z")
    assert states(recreated(strangers, before)) == {FIRED}


def test_another_account_under_the_owners_name_fires() -> None:
    found = fired(recreated(project(owner_id="999"), project()))
    assert [reading.key for reading in found] == ["owner of project"]
    renamed = project(owner="org-new")
    assert states(recreated(renamed, project())) == {CLEAR}
    untold = project(owner_id="")
    assert states(recreated(untold, project())) == {UNAVAILABLE}
    assert states(recreated(project(), untold)) == {UNAVAILABLE}
    assert states(recreated(untold, untold)) == {CLEAR}, "a service without such numbers"


def test_another_repository_of_the_same_name_fires() -> None:
    now = project(repository=repository(id="10", name="Org/Repo"))
    assert [r.key for r in fired(recreated(now, project()))] == ["repository"]
    taken = project(repository=repository(owner_id="666"))
    assert [r.key for r in fired(recreated(taken, project()))] == ["owner of repository"]


def test_the_time_inside_a_number() -> None:
    assert recreated_namespace.born_by_id(OLD_ID).isoformat() == "2022-12-06T17:24:51+00:00"
    for text in ("", "g" * 24, OLD_ID + "0", OLD_ID + "\n"):
        assert recreated_namespace.born_by_id(text) is None


# ---- changed-repository


def moved(now: dict[str, Any] | None, **before: Any) -> list[Any]:
    accepted = project(repository=repository(**before))
    return list(changed_repository.read(view(project(repository=now), accepted)))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"owner": "mallory", "owner_id": "666", "name": "mallory/repo"}, "transferred"),
        ({"owner_id": "666"}, "transferred"),
        ({"id": "10", "name": "mallory/other"}, "moved"),
        ({"id": "10"}, "moved"),
        ({"host": "gitlab.com"}, "moved"),
        ({"archived": True}, "archived"),
        ({"disabled": True}, "disabled"),
        ({"fork_of": "big/repo"}, "fork"),
    ],
)
def test_each_change_of_a_repository_fires(change, key) -> None:
    found = moved(repository(**change))
    assert [reading.key for reading in fired(found)] == [key]
    assert states(found) == {FIRED}


def test_a_new_name_of_the_same_repository_is_no_change() -> None:
    found = moved(repository(name="org/renamed"))
    assert states(found) == {CLEAR}
    assert "org/repo" in found[0].what


def test_without_numbers_names_decide() -> None:
    same = repository(id="", owner_id="", name="ORG/Repo", owner="Org")
    assert states(moved(same, id="", owner_id="")) == {CLEAR}
    assert states(moved(repository(id="", name="org/other"), id="")) == {FIRED}
    assert states(moved(repository(owner_id="", owner="mallory"), owner_id="")) == {FIRED}


def test_a_number_on_one_side_alone_tells_neither_a_move_nor_that_there_was_none() -> None:
    for lost in (
        {"id": "", "name": "org/other"}, {"id": ""}, {"owner_id": "", "owner": "mallory"},
        {"owner_id": ""}, {"host": ""},
    ):  # fmt: skip
        assert states(moved(repository(**lost))) == {UNAVAILABLE}, lost
        accepted = project(repository=repository(**lost))
        found = changed_repository.read(view(project(repository=repository()), accepted))
        assert states(found) == {UNAVAILABLE}, lost


@pytest.mark.parametrize("field", ["archived", "disabled", "fork_of"])
def test_what_the_forge_does_not_tell_any_more_is_open(field) -> None:
    assert states(moved(repository(**{field: None}))) == {UNAVAILABLE}


def test_an_archived_one_of_which_nobody_knows_since_when_is_open() -> None:
    assert states(moved(repository(archived=True), archived=None)) == {UNAVAILABLE}


def test_a_repository_that_is_gone_fires_and_one_that_nobody_asked_for_does_not() -> None:
    asked: list[Any] = [{"what": "forge.repository", "url": "", "state": "absent", "reason": "404",
                         "digest": ""}]  # fmt: skip
    gone = project(repository=None, asked=asked)
    assert states(changed_repository.read(view(gone, project()))) == {FIRED}
    assert states(changed_repository.read(view(project(repository=None), project()))) == {
        UNAVAILABLE
    }
    assert states(changed_repository.read(view(gone, gone))) == {NOT_APPLICABLE}
    assert states(changed_repository.read(view(project(), gone))) == {UNAVAILABLE}
    assert states(changed_repository.read(view(hub(), hub()))) == {NOT_APPLICABLE}
    assert states(changed_repository.read(view(project()))) == {NOT_APPLICABLE}


def test_names_of_repositories_are_shown_safely() -> None:
    for reading in moved(repository(id="1", name=EVIL, owner=EVIL, host=EVIL, fork_of=EVIL)):
        assert reading.what.isprintable()


# ---- hostile-fork


def fork(before: ProjectFacts | None = None, **changes: Any) -> list[Any]:
    facts: dict[str, Any] = {
        "name": "torhc", "resembles": ["torch"], "created": "2026-11-01T00:00:00Z",
        "repository": repository(fork_of="pytorch/pytorch", name="mallory/torhc"),
    }  # fmt: skip
    return list(hostile_fork.read(view(project(**(facts | changes)), before)))


def test_likeness_origin_and_youth_together_fire() -> None:
    found = fork()
    assert states(found) == {FIRED}
    assert "pytorch/pytorch" in found[0].what


def test_likeness_alone_is_never_enough() -> None:
    assert states(fork(repository=repository(name="mallory/torhc"))) == {CLEAR}
    old = {"created": "2019-01-01T00:00:00Z", "owners": []}
    known = repository(fork_of="pytorch/pytorch", created="2019-01-01T00:00:00Z")
    assert states(fork(repository=known, **old)) == {CLEAR}
    assert states(fork(resembles=[])) == {CLEAR}


def test_a_copy_that_names_the_known_ones_repository() -> None:
    assert states(fork(repository=repository(name="pytorch/torch"))) == {FIRED}


def test_a_copy_under_another_owner_on_a_hub() -> None:
    here = {"system": "huggingface", "repository": None, "identity": "", "owner_created": ""}
    found = fork(name="Open-OSS/privacy-filter", resembles=["openai/privacy_filter"], **here)
    assert states(found) == {FIRED}
    same = fork(name="openai/privacy-filters", resembles=["openai/privacy-filter"], **here)
    assert states(same) == {UNAVAILABLE}


def test_a_young_owner_of_an_old_fork_fires() -> None:
    old = repository(fork_of="pytorch/pytorch", created="2019-01-01T00:00:00Z")
    young = fork(created="2019-01-01", repository=old, owner_created="2026-11-10T00:00:00Z")
    assert "its owner's account" in fired(young)[0].what
    future = fork(created="2019-01-01", repository=old, owner_created="2027-01-01T00:00:00Z")
    assert states(future) == {FIRED}


def test_what_nobody_tells_of_a_lookalike_is_open() -> None:
    ageless = repository(fork_of="pytorch/pytorch", created="")
    blank = {"created": "", "owner_created": "", "owners": None}
    assert states(fork(repository=ageless, **blank)) == {UNAVAILABLE}
    assert states(fork(repository=None)) == {UNAVAILABLE}
    assert states(fork(repository=repository(name="m/torhc", fork_of=None))) == {UNAVAILABLE}
    assert states(fork(resembles=None)) == {UNAVAILABLE}


def test_an_accepted_lookalike_is_accepted() -> None:
    assert states(fork(project(name="torhc"))) == {CLEAR}


def test_a_lookalikes_name_is_shown_safely() -> None:
    for reading in fork(resembles=[EVIL], repository=repository(fork_of=EVIL)):
        assert reading.what.isprintable()


# ---- changed-release-key


def signed(new: dict[str, Any], **old: Any) -> list[Any]:
    before = history(**old)
    now = project([*before, release("2.0.0", 900, **new)])
    return list(changed_release_key.read(view(now, project(before))))


def test_a_key_that_no_release_was_signed_with_fires() -> None:
    found = signed({"signing_key": "SHA256:other"})
    assert [r.key for r in fired(found)] == ["key:SHA256:other"]
    assert states(signed({})) == {CLEAR}


def test_the_forges_and_bots_keys_make_no_key_known() -> None:
    flow = {"signed_by": "web-flow", "signing_key": "B5690EEEBB952194"}
    stolen = {"signed_by": "author", "signing_key": "B5690EEEBB952194"}
    assert states(signed(stolen, **flow)) == {NOT_APPLICABLE}
    assert states(signed(flow, **flow)) == {NOT_APPLICABLE}
    assert states(signed({"signed_by": "bot"}, **flow)) == {NOT_APPLICABLE}


@pytest.mark.parametrize("signer", ["none", "web-flow", "bot"])
def test_an_authors_signature_that_is_missing_fires_against_a_habit(signer) -> None:
    missing = {"signed_by": signer, "signing_key": "SHA256:key"}
    assert [r.key for r in fired(signed(missing))] == ["unsigned"]
    few = history(3)
    now = project([*few, release("2.0.0", 900, **missing)])
    assert states(changed_release_key.read(view(now, project(few)))) == {CLEAR}


def test_an_untold_signer_or_key_is_open() -> None:
    assert states(signed({"signed_by": None})) == {UNAVAILABLE}
    assert states(signed({"signing_key": ""})) == {UNAVAILABLE}
    assert states(signed({}, signed_by=None)) == {UNAVAILABLE}
    first = view(project([release("1.0.0")]))
    assert states(changed_release_key.read(first)) == {NOT_APPLICABLE}


def test_a_short_number_of_a_key_is_its_long_one_and_a_lie_is_not() -> None:
    long = "5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23"
    assert states(signed({"signing_key": long[-16:].lower()}, signing_key=long)) == {CLEAR}
    for lie in (long[-8:], long[:16], f"{long[-16:]}\u200b", "SHA256:KEY"):
        assert states(signed({"signing_key": lie}, signing_key=long)) == {FIRED}


def test_a_new_key_stays_new_however_often_it_signs() -> None:
    before = history()
    later = [release(f"2.{n}.0", 900 + n, signing_key="SHA256:evil") for n in range(20)]
    now = project([*before, *later])
    assert len(fired(changed_release_key.read(view(now, project(before))))) == 20


# ---- quarantined-project


def quarantined(**changes: Any) -> list[Any]:
    return list(quarantined_project.read(view(project(**changes))))


@pytest.mark.parametrize("status", ["quarantined", "disabled", "deleted"])
def test_a_status_that_stops(status) -> None:
    found = quarantined(status=status, status_reason=f"malware {EVIL}")
    assert [reading.key for reading in fired(found)] == ["status"]
    assert all(reading.what.isprintable() for reading in found)


def test_a_record_of_malice_stops_and_names_the_release() -> None:
    found = fired(quarantined(malicious=["MAL-2026-1"], release="1.82.8"))
    assert [(r.key, r.release) for r in found] == [("malicious", "1.82.8")]
    assert "MAL-2026-1" in found[0].what


def test_status_and_records_that_nobody_tells_are_open() -> None:
    assert states(quarantined(status="", malicious=None)) == {UNAVAILABLE}
    assert states(quarantined(status="Quarantined ")) == {UNAVAILABLE, CLEAR}
    assert states(quarantined(malicious=None)) == {UNAVAILABLE, CLEAR}
    assert states(quarantined(status="archived")) == {CLEAR}
