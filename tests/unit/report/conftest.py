"""The record factory as a fixture: test modules are no package, so it is loaded by its path."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "report_factory", Path(__file__).with_name("factory.py")
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def overlaps():
    """Pairs of text lines on a page that touch each other or leave the page's margins."""

    def find(page):
        boxes = sorted(
            (line.y - 0.72 * line.size, line.y + 0.2 * line.size, line.x,
             line.x + line.face.width(line.shown, line.size), line.shown)
            for line in page.lines if line.shown.strip()
        )  # fmt: skip
        bad = [box for box in boxes if box[2] < 51.9 or box[3] > 543.5 or box[1] > 783.0]
        for number, (_, low, left, right, shown) in enumerate(boxes):
            for top, _, other_left, other_right, other in boxes[number + 1 :]:
                if top >= low:
                    break
                if left < other_right - 0.01 and other_left < right - 0.01:
                    bad.append((shown, other))
        return bad

    return find
