"""What every test gets: no way out to the network, a configuration folder of its own."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does; bounds are tested on their own.
settings.register_profile("weighbridge", deadline=None)
settings.load_profile("weighbridge")


def _loopback(address: object) -> bool:
    if not isinstance(address, tuple):  # AF_UNIX
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for anything but the loopback fails, whoever catches the error."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: object) -> None:
        if not _loopback(address):
            pytest.fail(f"a test tried to reach {address}")
        connect(self, address)

    def guarded_resolve(host: object, *args: object, **kwargs: object) -> object:
        if host is not None and not _loopback((host,)):
            pytest.fail(f"a test tried to look up {host!r}")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


@pytest.fixture(autouse=True)
def _own_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    """No test sees or touches the user's keys, variables and configuration."""
    import os

    for name in [n for n in os.environ if n.startswith("WEIGHBRIDGE_")]:
        monkeypatch.delenv(name)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEIGHBRIDGE_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("WEIGHBRIDGE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
