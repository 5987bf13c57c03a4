"""The command as a user calls it, in this process."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """``call("verify", ...)`` in ``tmp_path``: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        from weighbridge.cli.main import main

        monkeypatch.setattr(sys, "argv", ["weighbridge", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
