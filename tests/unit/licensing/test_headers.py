"""Licenses in the headers of code files."""

import time

import pytest

from weighbridge.licensing.headers import MAX_FILES, MAX_HEAD, MAX_KEPT, read_headers
from weighbridge.model.digest import Digest
from weighbridge.testing.memory import snapshot_of


def ids(files: dict[str, bytes]) -> dict[str, int]:
    found = read_headers(snapshot_of(files))
    return {entry.resolution.id: entry.count for entry in found.licenses}


def test_ids_and_sentences_in_comments() -> None:
    files = {
        "a.py": b"#!/usr/bin/env python\n# SPDX-License-Identifier: MIT\nimport x\n",
        "b.py": b"# Copyright 2026 X\n#\n# Licensed under the Apache License, Version 2.0 (the\n"
        b'# "License"); you may not use this file except in compliance with it.\n',
        "c.cpp": b"/*\n * This source code is licensed under the BSD 3-Clause license found\n */",
        "d.py": b'"""A module.\n\nReleased under the MIT license.\n"""\n',
        "e.js": b"// SPDX-License-Identifier: (MIT OR Apache-2.0) AND ISC\n",
    }
    assert ids(files) == {
        "MIT": 2,
        "Apache-2.0": 1,
        "BSD-3-Clause": 1,
        "(MIT OR Apache-2.0) AND ISC": 1,
    }


@pytest.mark.parametrize(
    "content",
    [
        b'import x\n\nprint("licensed under GPL-3.0")\n',
        b'LICENSE = "This is licensed under GPL-3.0"\n',
        b"# licensing is hard\n",
        b"x = 1\n" * (MAX_HEAD // 6) + b"# SPDX-License-Identifier: MIT\n",
        b"\0\0license\0",
        b"",
    ],
)
def test_these_name_none(content: bytes) -> None:
    assert ids({"a.py": content}) == {}


def test_only_code_is_read_and_pointers_are_not() -> None:
    snapshot = snapshot_of(
        {"notes.txt": b"# SPDX-License-Identifier: MIT\n"},
        pointers={"a.py": Digest("sha256", "0" * 64)},
    )
    assert read_headers(snapshot).licenses == ()


def test_an_id_that_is_none_is_told() -> None:
    (entry,) = read_headers(
        snapshot_of({"a.py": b"# SPDX-License-Identifier: House-1.0\n"})
    ).licenses
    assert (entry.raw, entry.resolution.status, entry.line) == ("House-1.0", "unknown", 1)


def test_many_files_are_bounded_and_told() -> None:
    found = read_headers(
        snapshot_of(
            {f"{n:04}.py": b"# SPDX-License-Identifier: MIT\n" for n in range(MAX_FILES + 5)}
        )
    )
    (entry,) = found.licenses
    assert entry.count == MAX_FILES
    assert len(entry.paths) == MAX_KEPT
    assert str(MAX_FILES + 5) in found.cut
    assert found.cut_at == f"{MAX_FILES:04}.py"


@pytest.mark.parametrize(
    "line",
    [b"# licensed under ", b"/* license ", b'"""', b"SPDX-License-Identifier: (((", b"# MIT or "],
)
def test_hostile_headers_end(line: bytes) -> None:
    files = {f"{n}.py": (line * 3_000) + b"license" for n in range(100)}
    started = time.process_time()
    read_headers(snapshot_of(files))
    assert time.process_time() - started < 10
