"""The same record gives the same bytes under any hash seed, time zone, locale and clock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import hashlib, importlib.util, sys
spec = importlib.util.spec_from_file_location("factory", sys.argv[1])
factory = importlib.util.module_from_spec(spec)
sys.modules["factory"] = factory
spec.loader.exec_module(factory)
from weighbridge.model.record import AuditRecord
from weighbridge.report.registry import view
for record in (factory.make_record(), factory.hostile_record()):
    again = AuditRecord.from_bytes(record.to_bytes())
    for name in ("pdf", "sarif", "json", "console", "junit", "markdown", "github", "oscal", "vsa",
                 "svr", "html"):
        for one in (record, again):
            print(name, hashlib.sha256(view(name).render(one)).hexdigest())
"""
SURROUNDINGS = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/New_York", "SOURCE_DATE_EPOCH": "1000000000"},
)


@pytest.fixture(scope="module")
def outputs():
    factory = str(Path(__file__).with_name("factory.py"))
    return [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, factory],
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for surroundings in SURROUNDINGS
    ]


def test_the_bytes_do_not_depend_on_the_surroundings(outputs):
    assert outputs[0].count("pdf ") == 4
    assert len(set(outputs)) == 1


def test_a_record_read_back_renders_the_same(outputs):
    lines = outputs[0].splitlines()
    assert lines[0::2] == lines[1::2]
