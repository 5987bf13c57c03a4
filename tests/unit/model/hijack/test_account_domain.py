"""Mail domains of owners: the case of ctx, before and after the attacker's releases."""

from __future__ import annotations

import pytest
from tests.unit.model.hijack.projects import (
    CLEAR,
    FIRED,
    NOT_APPLICABLE,
    UNAVAILABLE,
    history,
    project,
    release,
    states,
    view,
)

from weighbridge.model.hijack.account_domain import read

OLD, TAKEN = "1999-01-01T00:00:00Z", "2026-05-14T18:40:00Z"


def domain(registered: str = OLD, *, exists: bool | None = True) -> dict:
    return {"name": "figlief.example", "registered": registered, "exists": exists}


def ctx(*versions: str, registered: str = TAKEN, used: str = "", known: str | None = None):
    """ctx after those releases of the attacker, on the days from 2026-05-21 on."""
    good = history(3)  # January to March 2024
    bad = [release(version, 871 + n) for n, version in enumerate(versions)]
    now = project([*good, *bad], domains=[domain(registered)], release=used)
    before = None if known is None else project(good, domains=[domain(known)])
    return view(now, before)


@pytest.mark.parametrize("uploads", [(), ("0.2.2",), ("0.2.2", "0.2.6", "0.2.7", "9.9")])
@pytest.mark.parametrize("known", [OLD, TAKEN, ""])
def test_ctx_stays_flagged_whatever_was_uploaded_after_it(uploads, known) -> None:
    assert states(read(ctx(*uploads, known=known))) == {FIRED}


def test_ctx_without_a_baseline_is_flagged_by_the_first_bad_release() -> None:
    assert states(read(ctx("0.2.2"))) == {FIRED}


def test_ctx_without_a_baseline_is_open_after_the_second_and_never_clear() -> None:
    assert states(read(ctx("0.2.2", "0.2.6"))) == {UNAVAILABLE}


def test_a_domain_that_nobody_owns_is_flagged_even_if_it_was_accepted_so() -> None:
    now = project(domains=[domain("", exists=False)])
    assert states(read(view(now, now))) == {FIRED}
    assert states(read(view(now))) == {FIRED}


def test_a_domain_that_was_free_when_accepted_and_is_taken_now() -> None:
    now, before = project(domains=[domain("")]), project(domains=[domain(exists=False)])
    assert states(read(view(now, before))) == {UNAVAILABLE}
    now = project(domains=[domain("2025-01-01")])
    assert states(read(view(now, before))) == {FIRED}


@pytest.mark.parametrize("registered", ["", "yesterday", "0000-00-00", "2026-13-45T99:99:99Z"])
def test_a_registration_that_cannot_be_read_is_never_clear(registered) -> None:
    assert states(read(view(project(domains=[domain(registered)]), project()))) == {UNAVAILABLE}


def test_a_mirror_makes_nothing_clear() -> None:
    assert states(read(view(project(domains=[domain()], order="mirror")))) == {UNAVAILABLE}


def test_an_old_domain_is_clear() -> None:
    assert states(read(view(project(domains=[domain()])))) == {CLEAR}
    assert states(read(ctx("0.2.2", registered=OLD, known=OLD))) == {CLEAR}


def test_a_new_mail_address_at_an_older_domain_is_not_this_signal() -> None:
    now, before = project(domains=[domain("2025-01-01")]), project(domains=[])
    assert states(read(view(now, before))) == {CLEAR}


def test_domains_that_nobody_told() -> None:
    assert states(read(view(project(domains=None)))) == {UNAVAILABLE}
    assert states(read(view(project(domains=[])))) == {NOT_APPLICABLE}
