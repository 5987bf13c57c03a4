"""Declared ids: what the Hub and SPDX know, and what they do not."""

import pytest

from weighbridge.licensing.hub_ids import HUB_IDS
from weighbridge.licensing.ids import resolve, suggestions


def test_all_83_hub_ids_are_there() -> None:
    assert len(HUB_IDS) == 83
    assert all(name == name.lower() for name in HUB_IDS)


@pytest.mark.parametrize("hub_id", sorted(HUB_IDS))
def test_a_hub_id_names_a_text_a_family_or_nothing(hub_id: str) -> None:
    found = resolve(hub_id)
    if HUB_IDS[hub_id].ids:
        assert found.status == "known"
        assert found.id == HUB_IDS[hub_id].ids[0]
        assert found.names_text
    else:
        assert found.status in ("family", "other")
        assert found.id == ""
        assert found.why


def test_every_spdx_id_of_the_table_is_one() -> None:
    import license_expression

    known = license_expression.get_spdx_licensing().known_symbols
    ids = {i for hub in HUB_IDS.values() for i in hub.ids}
    odd = {i for i in ids if i not in known and not i.startswith("LicenseRef-")}
    assert odd == {"OpenMDW-1.0"}  # newer than license-expression's list


def test_bsl_is_boost() -> None:
    assert resolve("bsl-1.0").id == "BSL-1.0"
    assert resolve("BUSL-1.1").id == "BUSL-1.1"


def test_llama_versions_are_kept_apart() -> None:
    names = ("llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4")
    assert len({resolve(name).id for name in names}) == len(names)


@pytest.mark.parametrize(
    ("raw", "expected", "symbols"),
    [
        ("MIT", "MIT", ("MIT",)),
        (" apache-2.0 ", "Apache-2.0", ("Apache-2.0",)),
        ("Apache-2.0 OR mit", "Apache-2.0 OR MIT", ("Apache-2.0", "MIT")),
        ("GPL-3.0", "GPL-3.0-only", ("GPL-3.0-only",)),
        ("GPL-3.0+", "GPL-3.0-or-later", ("GPL-3.0-or-later",)),
        (
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            ("GPL-2.0-only",),
        ),
        ("OpenMDW-1.0 AND MIT", "OpenMDW-1.0 AND MIT", ("MIT", "OpenMDW-1.0")),
    ],
)
def test_spdx_expressions(raw: str, expected: str, symbols: tuple[str, ...]) -> None:
    found = resolve(raw)
    assert (found.id, found.symbols, found.status) == (expected, symbols, "known")


@pytest.mark.parametrize("raw", ["LicenseRef-house", "LicenseRef-house AND MIT", "NOASSERTION",
                                 "NONE", "LicenseRef-scancode-unknown"])  # fmt: skip
def test_what_is_left_to_the_author(raw: str) -> None:
    found = resolve(raw)
    assert found.status == "other"
    assert not found.names_text


@pytest.mark.parametrize(
    "raw",
    [
        "", "   ", "Apache License, Version 2.0", "MIT/X11", "((", "MIT AND", "()" * 200, "\0",
        "free for research", "MIT WITH MIT", "Classpath-exception-2.0", "llama-3.1", "мит",
        "x" * 100_000, "(" * 490, "MIT\u202eOR Apache-2.0", "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_id(raw: str) -> None:
    found = resolve(raw)
    assert found.status == "unknown"
    assert found.id == ""
    assert found.why


def test_suggestions() -> None:
    assert suggestions("apache2")[0] == "apache-2.0"
    assert suggestions("llama-3.1")[0] == "llama3.1"
    assert suggestions("proprietary") == ()
