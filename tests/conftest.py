"""What every test gets: no way out to the network, a configuration folder of its own."""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path

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


# Of the session where that is enough: there are so many tests that a millisecond in each of them
# is half a minute.
@pytest.fixture(scope="session", autouse=True)
def _no_way_out() -> Iterator[None]:
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

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", guarded)
        patched.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


def _configure(folder: str) -> None:
    """Let the command keep its keys and answers below a folder, which it makes when it needs it."""
    os.environ["WEIGHBRIDGE_CONFIG_DIR"] = f"{folder}-config"
    os.environ["WEIGHBRIDGE_CACHE_DIR"] = f"{folder}-cache"


@pytest.fixture(scope="session", autouse=True)
def _configurations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test, and no fixture that many share, sees or touches what is the user's."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [n for n in os.environ if n.startswith("WEIGHBRIDGE_")]:
            patched.delenv(name)
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
            patched.delenv(name, raising=False)
        top = tmp_path_factory.mktemp("configurations")
        _configure(f"{top}/shared")
        yield top


_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _own_configuration(_configurations: Path) -> Iterator[None]:
    """No test sees or touches the keys, variables and configuration of another one."""
    _configure(f"{_configurations}/{next(_NUMBERS)}")
    yield
    _configure(f"{_configurations}/shared")
