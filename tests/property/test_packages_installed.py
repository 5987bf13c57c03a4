"""What is read of an installed environment, over anything at all: refuse or read, always alike."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weighbridge.collect.provenance import check_provenance
from weighbridge.edge.text import visible
from weighbridge.model.errors import HostileInput
from weighbridge.packages.embedded import parse_sbom
from weighbridge.packages.hook_code import look_at
from weighbridge.packages.metadata import (
    declared_license,
    declared_supplier,
    declared_url,
    metadata_fields,
)
from weighbridge.packages.provenance import attested_name, parse_provenance
from weighbridge.packages.record_file import parse_record
from weighbridge.packages.recorded import verify_records
from weighbridge.packages.startup import find_hooks

SLOW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

ROWS = st.lists(
    st.sampled_from(
        ["pkg.py", "../", "/", "..", ".", "a/b", "a/../b", '"', ",", ",,", "\n", "\r\n", "sha256=",
         "sha512=", "md5=", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "=", "\0", "\x1b", "é",
         "pkg-1.dist-info/RECORD", "__pycache__/x.pyc", "lib", "//", "~"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@SLOW
@given(st.one_of(st.binary(max_size=300), ROWS.map(str.encode)))
def test_records_are_read_or_refused_and_nothing_outside_is_touched(data: bytes) -> None:
    with contextlib.suppress(HostileInput):
        for entry in parse_record(data):
            assert not entry.digest or entry.algorithm
            assert entry.path or entry.wrong
    with tempfile.TemporaryDirectory() as parent:
        site = Path(parent) / "site"
        (site / "pkg-1.dist-info").mkdir(parents=True)
        (site / "pkg-1.dist-info" / "RECORD").write_bytes(data)
        (site / "pkg.py").touch()
        (Path(parent) / "b").touch()
        (package,) = verify_records(site).packages
        assert package.verified + package.unhashed <= package.files
        for difference in package.differences:
            assert visible(difference.path) == difference.path
            if difference.path.startswith(("/", "../")):
                assert difference.what in ("outside", "unreadable")
        assert verify_records(site).packages == (package,)


CODE = st.lists(
    st.sampled_from(
        ["import ", "import\t", "os", "subprocess", ";", "\n", "\r", "\x0c", "\u2028", "(", ")",
         ".system", "exec", "'", '"', "\\", "#", " ", "\ufeff", "getattr", ",", "base64", "=",
         "f'{", "}", "lambda: ", "def f():\n ", "[", "__import__", "x", "pkg.mod:run",
         ":", "-", "\0"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@SLOW
@given(st.one_of(st.binary(max_size=200), CODE.map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_hooks_are_judged_whatever_they_hold(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for name in ("a.pth", "b.start", "sitecustomize.py"):
            (site / name).write_bytes(data)
        hooks = find_hooks(site, {})
        assert {hook.path for hook in hooks} == {"a.pth", "b.start", "sitecustomize.py"}
        for hook in hooks:
            assert len(hook.lines) <= 20
            assert all(visible(text, 400) == text for text in (*hook.reasons, *hook.lines))
            if hook.path == "a.pth" and hook.verdict == "path":
                lines = data.splitlines()
                assert not any(line.startswith((b"import ", b"import\t")) for line in lines)
        assert find_hooks(site, {}) == hooks


@SLOW
@given(CODE)
def test_code_is_judged_or_looked_at_by_its_words(text: str) -> None:
    view = look_at(text)
    assert len(view.reasons) <= 20
    assert look_at(text).reasons == view.reasons


KEYS = st.sampled_from(
    ["bomFormat", "specVersion", "components", "dependencies", "ref", "dependsOn", "bom-ref",
     "name", "version", "licenses", "license", "id", "expression", "hashes", "alg", "content",
     "spdxVersion", "packages", "SPDXID", "relationships", "spdxElementId", "relationshipType",
     "relatedSpdxElement", "externalRefs", "checksums", "attestation_bundles", "attestations",
     "publisher", "kind", "envelope", "statement", "signature", "verification_material",
     "transparency_entries", "certificate", "timestamps", "_type", "subject", "digest", "sha256"]
)  # fmt: skip
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["CycloneDX", "SPDX-2.3", "1.6", "a", "b", "", "\x1b", "SHA-256", "ab" * 32,
                     "DEPENDS_ON", "DESCRIBES", "GitHub", "MA==", "e30="]),
    st.integers(0, 2), st.booleans(), st.none(),
)  # fmt: skip
TREES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=8)),
    max_leaves=30,
)
BODIES = st.dictionaries(KEYS, TREES, max_size=8)


@SLOW
@given(BODIES, st.sampled_from([{"bomFormat": "CycloneDX"}, {"spdxVersion": "SPDX-2.2"}, {}]))
def test_bills_of_materials_are_read_or_refused(
    body: dict[str, Any], start: dict[str, Any]
) -> None:
    data = json.dumps({**body, **start}).encode()
    try:
        sbom, parts = parse_sbom("pkg", "x.json", data)
    except HostileInput:
        return
    refs = {part.ref for part in parts}
    assert sbom.components == len(parts) == len(refs)
    for part in parts:
        assert set(part.requires) <= refs - {part.ref}
        assert visible(part.name) == part.name


@SLOW
@given(BODIES)
def test_provenance_is_read_or_refused_and_never_verified(body: dict[str, Any]) -> None:
    data = json.dumps({"version": 1, **body}).encode()
    with contextlib.suppress(HostileInput):
        assert parse_provenance(data)
    facts = check_provenance("a-1.0.tar.gz.provenance", data, "ab" * 32, [])
    assert facts["state"] in ("unread", "failed")
    assert facts["reason"]


@SLOW
@given(st.text(max_size=60))
def test_names_of_provenance_files(name: str) -> None:
    stem = attested_name(name)
    assert not stem or name.startswith(stem)


FIELDS = st.lists(
    st.sampled_from(
        ["Name: a", "Author: B", "Author-email: b@c", "Maintainer: D <d@e>", "\n", "\r\n", " more",
         "Project-URL: Homepage, https://h.example", "Project-URL: x", "Home-page: file:///etc",
         "License: MIT", "License-Expression: MIT", "Classifier: License :: X", ":", "\x1b", "é"]
    ),
    max_size=15,
).map("\n".join)  # fmt: skip


@SLOW
@given(st.one_of(st.binary(max_size=200), FIELDS.map(str.encode)))
def test_metadata_are_read_or_refused(data: bytes) -> None:
    try:
        fields = metadata_fields(data)
    except HostileInput:
        return
    url, supplier = declared_url(fields), declared_supplier(fields)
    assert not url or url.lower().startswith("http")
    assert "\n" not in supplier + url + declared_license(fields)[0]
