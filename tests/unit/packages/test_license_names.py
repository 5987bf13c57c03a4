"""Declared licenses as SPDX expressions: names, classifiers, texts, and what is not guessed."""

from __future__ import annotations

import json
import time
from importlib import metadata
from pathlib import Path

import cyclonedx.schema
import license_expression
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighbridge.packages import license_names
from weighbridge.packages.license_names import (
    settled_by_texts,
    spdx_expression,
    valid_expression,
)
from weighbridge.packages.license_tables import CLASSIFIERS, FAMILIES, REPLACED, SPELLINGS

OSI = "License :: OSI Approved :: "
APACHE = f"{OSI}Apache Software License"
BSD = f"{OSI}BSD License"

MIT_TEXT = """\
Copyright (c) 2024 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files, to deal in the Software.
The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software. NO WARRANTY.
"""
BSD_TEXT = """\
Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
* Redistributions of source code must retain the above copyright notice.
* Redistributions in binary form must reproduce the above copyright notice.
{third}
THIS SOFTWARE IS PROVIDED "AS IS", EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
BSD_2 = BSD_TEXT.format(third="")
BSD_3 = BSD_TEXT.format(
    third="* Neither name may be used to endorse or promote products derived from this software."
)
GPL_3 = "GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n" + "Everyone may copy it. " * 20


@pytest.fixture(scope="module")
def listed_ids() -> frozenset[str]:
    """The ids of the SPDX License List, as the CycloneDX schema enumerates them."""
    file = Path(cyclonedx.schema.__file__).parent / "_res" / "spdx.SNAPSHOT.schema.json"
    return frozenset(json.loads(file.read_text(encoding="utf-8"))["enum"])


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "UNKNOWN", "()", "MIT OR", "OR", "see LICENSE", "\x00",
        "MIT WITH Apache-2.0", "BSD, Public Domain", "MIT, but not for war", "(" * 400 + "X",
        "MIT (non-commercial use only)", "Apache-2.0 AND Foo", "é" * 100, "MIT and BSD or GPL",
        "LicenseRef-", "LicenseRef-a b", "+", "a" * 100_000, "MIT-style", "GPL-compatible",
        "Not MIT", "MIT, copyright Us, not for war", "Creative Commons", "OSI Approved",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_expression", [True, False])
def test_what_tells_no_license(text: str, is_expression: bool) -> None:
    assert spdx_expression(text, is_expression, ()) == ""


def test_a_long_hostile_text_takes_no_time() -> None:
    began = time.process_time()
    for text in (" " * 499 + "x", "1." * 249, "or " * 166, "(" * 499, "/" * 499, " copyright" * 49):
        spdx_expression(text, True, ())
    spdx_expression("permission " * 200_000, False, [f"License :: {i}" for i in range(20_000)])
    assert time.process_time() - began < 1


@given(
    st.text(max_size=80), st.booleans(), st.lists(st.sampled_from([APACHE, BSD, "License :: X"]))
)
def test_any_text_gives_a_valid_expression_or_none(
    text: str, is_expression: bool, classifiers: list[str]
) -> None:
    found = spdx_expression(text, is_expression, classifiers)
    assert found == "" or valid_expression(found) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT (see LICENSE.txt)", "MIT"),
        ("MIT/X11", "MIT"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("OSI Approved :: Apache Software License", "LicenseRef-Apache-unspecified"),
        ("Apache 2.0 License", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache Software License 2.0", "Apache-2.0"),
        ("Apache-2", "Apache-2.0"),
        ("Apache2.0", "Apache-2.0"),
        ("Licensed under the Apache License, version 2.0.", "Apache-2.0"),
        ("Apache", "LicenseRef-Apache-unspecified"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("BSD (3-clause)", "BSD-3-Clause"),
        ("3-Clause BSD License", "BSD-3-Clause"),
        ("new BSD", "BSD-3-Clause"),
        ("Modified BSD License", "BSD-3-Clause"),
        ("2-clause BSD", "BSD-2-Clause"),
        ("Simplified BSD", "BSD-2-Clause"),
        ("BSD", "LicenseRef-BSD-unspecified"),
        (
            "BSD license (see license.txt for details), Copyright (c) 2000, Us",
            "LicenseRef-BSD-unspecified",
        ),
        ("PSF", "PSF-2.0"),
        ("Python Software Foundation License", "PSF-2.0"),
        ("MPL 2.0 (Mozilla Public License 2.0)", "MPL-2.0"),
        ("MPL 2.0 (Mozilla)", "MPL-2.0"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("GPL-3.0", "GPL-3.0-only"),
        ("GPL-2.0+ WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("GPLv3", "LicenseRef-GPL-3.0-unspecified"),
        ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("GPL version 2 or (at your option) any later version", "GPL-2.0-or-later"),
        ("GNU Affero General Public License (AGPL) version 3.0", "LicenseRef-AGPL-3.0-unspecified"),
        ("LGPLv2+", "LicenseRef-LGPL-2-or-later-unspecified"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("LGPLv3+", "LGPL-3.0-or-later"),
        ("ISC license (ISCL)", "ISC"),
        ("SIL OFL V1.1", "OFL-1.1"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ("ZPL 2.1", "ZPL-2.1"),
        ("Public Domain", "LicenseRef-Public-Domain"),
        ("NVIDIA Proprietary Software", "LicenseRef-Proprietary"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT or Apache License 2.0", "MIT OR Apache-2.0"),
        ("MIT / Apache 2.0", "MIT OR Apache-2.0"),
        ("MIT and 3-clause BSD", "MIT AND BSD-3-Clause"),
        ("Dual licensed under the MIT and Apache 2.0 licenses", "MIT OR Apache-2.0"),
        ("GPLv2 or later or MIT", "GPL-2.0-or-later OR MIT"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert spdx_expression(text, False, ()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mit and (apache-2.0 or bsd-2-clause)", "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
        ("LicenseRef-Own", "LicenseRef-Own"),
        ("AGPL-3.0", "AGPL-3.0-only"),
        ("Apache 2.0", "Apache-2.0"),  # not valid, and names one all the same
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert spdx_expression(text, True, [APACHE]) == expected


@pytest.mark.parametrize(
    ("text", "classifiers", "expected"),
    [
        ("", [f"{OSI}MIT License"], "MIT"),
        ("UNKNOWN", [f"{OSI}MIT License", "Topic :: Security"], "MIT"),
        ("", [OSI.removesuffix(" :: "), f"{OSI}MIT License"], "MIT"),
        ("", [BSD], "LicenseRef-BSD-unspecified"),
        ("BSD", [f"{OSI}Zero-Clause BSD (0BSD)", BSD], "0BSD"),
        ("BSD 3-Clause", [BSD], "BSD-3-Clause"),
        ("GPL", [f"{OSI}GNU General Public License v2 or later (GPLv2+)"], "GPL-2.0-or-later"),
        ("", [f"{OSI}GNU General Public License (GPL)",
              f"{OSI}GNU General Public License v3 (GPLv3)"], "LicenseRef-GPL-3.0-unspecified"),
        ("", ["License :: Other/Proprietary License"], "LicenseRef-Proprietary"),
        ("", [f"{OSI}MIT License", APACHE], ""),  # all of them, or one of them: nobody said
        ("Dual License", [APACHE, BSD],
         "LicenseRef-Apache-unspecified OR LicenseRef-BSD-unspecified"),
        ("MIT", [APACHE], "MIT"),
        ("", [f"{OSI}Jabber Open Source License"], ""),
        ("", [f"{OSI}Jabber Open Source License", f"{OSI}MIT License"], ""),
    ],
)  # fmt: skip
def test_classifiers(text: str, classifiers: list[str], expected: str) -> None:
    assert spdx_expression(text, False, classifiers) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MIT_TEXT, "MIT"),
        ("MIT License\n\n" + MIT_TEXT, "MIT"),
        (BSD_2, "BSD-2-Clause"),
        (BSD_3, "BSD-3-Clause"),
        (BSD_3 + "\n" * 5 + "Bundled:\n" + "x " * 600 + GPL_3 + " patent ", "BSD-3-Clause"),
        (GPL_3, "LicenseRef-GPL-3.0-unspecified"),
        (BSD_3[: len(BSD_3) // 2], ""),  # cut off: what would follow is not known
        (MIT_TEXT + "The Software shall be used for Good, not Evil.", ""),
        (BSD_3 + "No license is granted to any patent.", ""),
        ("This is dual licensed. You may choose either.\n" + MIT_TEXT, ""),
        ("x " * 2000 + MIT_TEXT, ""),  # somebody else's, far below
        ("MIT License\n\nBut nobody may use it. " + "Nobody at all. " * 20, ""),
    ],
)
def test_license_texts(text: str, expected: str) -> None:
    assert spdx_expression(text, False, ()) == expected


def test_a_title_counts_with_a_classifier_that_agrees() -> None:
    text = "BSD 3-Clause License\n\nCopyright (c) 2024 Somebody\n\nRedistribution and"
    assert spdx_expression(text, False, [BSD]) == "BSD-3-Clause"
    assert spdx_expression(text, False, [f"{OSI}MIT License"]) == "MIT"
    assert spdx_expression(text, False, ()) == ""


@pytest.mark.parametrize(
    ("expression", "texts", "expected"),
    [
        ("LicenseRef-BSD-unspecified", [BSD_3], "BSD-3-Clause"),
        ("LicenseRef-BSD-unspecified", [BSD_3, MIT_TEXT], "BSD-3-Clause"),
        ("LicenseRef-BSD-unspecified", [BSD_3, BSD_2], "LicenseRef-BSD-unspecified"),
        ("LicenseRef-BSD-unspecified", [MIT_TEXT], "LicenseRef-BSD-unspecified"),
        ("LicenseRef-GPL-unspecified", [GPL_3], "LicenseRef-GPL-3.0-unspecified"),
        ("MIT", [BSD_3], "MIT"),
        ("", [MIT_TEXT], ""),  # a text at hand is no declaration
    ],
)
def test_a_family_is_settled_by_the_text_at_hand(
    expression: str, texts: list[str], expected: str
) -> None:
    assert settled_by_texts(expression, texts) == expected


def test_the_tables_hold_ids_that_spdx_lists(listed_ids: frozenset[str]) -> None:
    in_tables = set(CLASSIFIERS.values()) | set(SPELLINGS) | set(REPLACED.values())
    assert {i for i in in_tables if not i.startswith("LicenseRef-")} <= listed_ids
    assert {i for i in in_tables if i.startswith("LicenseRef-")} <= set(FAMILIES)
    spdx = license_expression.get_spdx_licensing()
    assert not [i for i in in_tables - set(FAMILIES) if spdx.unknown_license_keys(i)]
    for family, beginnings in FAMILIES.items():
        assert valid_expression(family) == family
        assert spdx.unknown_license_keys(family) == [family], "others read it as a license"
        for beginning in beginnings:
            assert any(i.startswith(beginning) for i in (*listed_ids, *FAMILIES)), beginning


def test_no_spelling_stands_for_two_licenses() -> None:
    read: dict[str, str] = {}
    for found, names in SPELLINGS.items():
        for name in names:
            assert read.setdefault(license_names._plain(name), found) == found, name
            assert spdx_expression(name, False, ()) == found, name


def test_every_classifier_is_in_the_table_or_left_out_on_purpose() -> None:
    from trove_classifiers import classifiers

    missing = {
        c.removeprefix("License :: ")
        for c in classifiers
        if c.startswith("License :: ") and c.removeprefix("License :: ") not in CLASSIFIERS
    }
    assert missing == {
        "DFSG approved",
        "GUST Font License 1.0",
        "GUST Font License 2006-09-30",
        "OSI Approved",
        "Repoze Public License",
    }


def test_the_packages_installed_here(listed_ids: frozenset[str]) -> None:
    """license-expression, which reads the grammar on its own, takes every result for valid."""
    spdx = license_expression.get_spdx_licensing()
    found = {}
    for distribution in metadata.distributions():
        fields = distribution.metadata
        expression = fields.get("License-Expression")
        found[fields["Name"]] = spdx_expression(
            expression or fields.get("License") or "",
            expression is not None,
            fields.get_all("Classifier") or [],
        )
    assert found["pytest"] == "MIT"
    for name, expression in found.items():
        if expression:
            unknown = set(spdx.unknown_license_keys(expression)) - listed_ids
            assert all(key.startswith("LicenseRef-") for key in unknown), name
