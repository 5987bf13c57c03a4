"""A sealing key, loopback trust and small packs."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.pack import SealedPack, seal_pack
from weighbridge.testing.seal_samples import SampleView, sample_pdf, sample_raw, sample_record
from weighbridge.testing.sigstore import LoopbackTrust


@pytest.fixture(scope="session")
def trust() -> Iterator[LoopbackTrust]:
    with LoopbackTrust() as running:
        yield running


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> LocalKey:
    return local_key(tmp_path_factory.mktemp("keys") / "sealing")


@pytest.fixture
def seal(tmp_path: Path, key: LocalKey) -> Callable[..., SealedPack]:
    """Seals the sample record; every argument may be replaced."""

    def sealed(**changes: object) -> SealedPack:
        arguments = {
            "record": sample_record(),
            "timestamp_url": "",
            "offline": False,
            "signer": key,
            "raw": sample_raw(),
            "out": tmp_path / "pack",
            "views": (SampleView(),),
            "pdf": sample_pdf,
            **changes,
        }
        record = arguments.pop("record")
        return seal_pack(record, **arguments)  # type: ignore[arg-type]

    return sealed


@pytest.fixture(scope="session")
def sealed_once(
    tmp_path_factory: pytest.TempPathFactory, key: LocalKey, trust: LoopbackTrust
) -> SealedPack:
    """A pack with timestamps that nobody may change."""
    return seal_pack(
        sample_record(), timestamp_url=trust.timestamp_url, offline=False, signer=key,
        raw=sample_raw(), out=tmp_path_factory.mktemp("sealed") / "pack", views=(SampleView(),),
        pdf=sample_pdf,
    )  # fmt: skip


@pytest.fixture
def pack(sealed_once: SealedPack, tmp_path: Path) -> SealedPack:
    """A pack with timestamps, to be changed."""
    folder = tmp_path / "a-pack"
    shutil.copytree(sealed_once.folder, folder)
    return dataclasses.replace(sealed_once, folder=folder)
