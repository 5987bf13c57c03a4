"""The registry and the modules it names."""

from __future__ import annotations

import inspect

import pytest

from weighbridge.model.errors import UsageError
from weighbridge.report import registry


@pytest.mark.parametrize("name", [n for n in registry.names() if n != "cyclonedx"])
def test_every_view_renders_a_record(name, factory):
    module = registry.view(name)
    assert name == module.NAME
    assert module.FILENAME
    assert "/" in module.MEDIA_TYPE
    assert isinstance(module.render(factory.holding_record()), bytes)
    required = [p for p in inspect.signature(module.render).parameters.values()
                if p.default is p.empty]  # fmt: skip
    assert len(required) == 1


def test_pack_views_are_views():
    assert set(registry.PACK_VIEWS) <= set(registry.names())


def test_an_unknown_view_is_a_usage_error():
    with pytest.raises(UsageError, match="no report format") as caught:
        registry.view("docx")
    assert "console" in caught.value.remedy
