"""Every way of tampering with a pack that is known here, by name; each is noticed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.seal.seal_checks import Seal, checked, failed

from weighbridge import __version__
from weighbridge.model.errors import ExitCode
from weighbridge.model.record import AuditRecord
from weighbridge.seal import drawing
from weighbridge.seal.keys import LocalKey, local_key
from weighbridge.seal.outcome import CheckState, Reason
from weighbridge.seal.pack import SealedPack
from weighbridge.seal.pdf_archive import Material, add_archive_timestamp
from weighbridge.seal.pdf_signature import read_signed_pdf
from weighbridge.seal.statement import PREDICATE_TYPE
from weighbridge.seal.verify import verify_pack
from weighbridge.signing.timestamp import load_roots, request_token
from weighbridge.sources.http import HttpClient
from weighbridge.testing.pdf_tampers import INCREMENTAL
from weighbridge.testing.seal_samples import pdf_with, sample_pdf, sample_record
from weighbridge.testing.sigstore import LoopbackTrust

LATER = dt.datetime.now(dt.UTC) + dt.timedelta(days=3660)  # the local key has ten years


def roots(trust: LoopbackTrust) -> tuple[bytes, ...]:
    return load_roots(trust.tsa_roots.encode(), source="x")


# --- the PDF


@pytest.mark.parametrize("tamper", INCREMENTAL, ids=lambda t: t.__name__)
def test_a_change_under_a_new_archive_timestamp_is_noticed(
    pack: SealedPack,
    key: LocalKey,
    trust: LoopbackTrust,
    tmp_path: Path,
    tamper: Callable[[bytes], bytes],
) -> None:
    """Anybody may ask an authority for a timestamp over the changed file, as if renewing it."""
    changed = tamper((pack.folder / "report.pdf").read_bytes())
    http = HttpClient(offline=False)
    covered = add_archive_timestamp(
        changed, lambda d: request_token(http, trust.timestamp_url, d), Material(), number=2
    )
    (pack.folder / "report.pdf").write_bytes(covered)
    alone = tmp_path / "alone.pdf"
    alone.write_bytes(covered)
    assert failed(checked(alone, key)) == ["pdf"]
    report = checked(pack.folder, key)
    assert {"files", "pdf"} <= set(failed(report))
    assert report.reason is Reason.TAMPERED


def test_the_archive_timestamp_taken_off_is_noticed(
    pack: SealedPack, key: LocalKey, tmp_path: Path
) -> None:
    """What remains is a PDF of level B-T whose signature covers all of it."""
    data = (pack.folder / "report.pdf").read_bytes()
    cut = data[: read_signed_pdf(data).signed_end]
    alone = tmp_path / "alone.pdf"
    alone.write_bytes(cut)
    assert failed(checked(alone, key)) == ["timestamp of report.pdf"]
    (pack.folder / "report.pdf").write_bytes(cut)
    assert {"files"} <= set(failed(checked(pack.folder, key)))


def test_pages_that_say_something_else_than_the_record_are_noticed(
    seal: Seal, key: LocalKey, tmp_path: Path
) -> None:
    """Everything is signed by the right key, and the PDF carries the right record."""
    record = dataclasses.replace(sample_record(), tool_version=__version__)

    def lying(of: AuditRecord) -> bytes:
        return pdf_with({"audit.json": of.to_bytes()}, "all is well")

    honest = seal(record=record)
    report = checked(honest.folder, key, draw=sample_pdf)
    assert report.exit_code is ExitCode.HOLDS
    assert {c.name: c.state for c in report.checks}["pdf content"] is CheckState.OK
    lie = seal(record=record, pdf=lying, out=tmp_path / "lie")
    assert failed(checked(lie.folder, key, draw=sample_pdf)) == ["pdf content"]
    # of the PDF alone nobody says with which libraries it was drawn
    alone = checked(lie.folder / "report.pdf", key, draw=sample_pdf)
    assert (alone.exit_code, alone.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)


def test_another_versions_pages_are_not_compared_and_so_not_established(
    seal: Seal, key: LocalKey
) -> None:
    folder = seal().folder
    report = checked(folder, key, draw=sample_pdf, replay=lambda record: record)
    states = {check.name: check.state for check in report.checks}
    assert states["pdf content"] is CheckState.INCONCLUSIVE
    assert states["replay"] is CheckState.NOT_CHECKED
    assert (report.exit_code, report.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    assert checked(folder, key).exit_code is ExitCode.HOLDS  # nobody asked for the pages


LIBRARIES = dict(drawing.libraries())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({**LIBRARIES, "weighbridge-drawing": "1"}, "by revision 1 of the drawing"),
        ({**LIBRARIES, "weighbridge-drawing": "99"}, "by revision 99 of the drawing"),
        ({**LIBRARIES, "weighbridge-drawing": "\u202e2"}, "by revision \\u202e2 of the drawing"),
        ({n: v for n, v in LIBRARIES.items() if n != "weighbridge-drawing"}, "by revision 1"),
        ({**LIBRARIES, "reportlab": "1.0"}, "with reportlab 1.0"),
        ({}, "by revision 1 of the drawing"),
    ],
)
def test_no_drawing_that_a_seal_names_lets_other_pages_hold(
    seal: Seal, key: LocalKey, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], why: str
) -> None:
    """Whoever has the key chooses what the seal says; the pages then were not compared."""
    record = dataclasses.replace(sample_record(), tool_version=__version__)

    def lying(of: AuditRecord) -> bytes:
        return pdf_with({"audit.json": of.to_bytes()}, "all is well")

    monkeypatch.setattr("weighbridge.seal.pack.libraries", lambda _: tuple(sorted(said.items())))
    report = checked(seal(record=record, pdf=lying).folder, key, draw=sample_pdf)
    assert (report.exit_code, report.reason) == (ExitCode.INCONCLUSIVE, Reason.INCOMPLETE)
    (check,) = [check for check in report.checks if check.name == "pdf content"]
    assert check.state is CheckState.INCONCLUSIVE
    assert why in check.detail


@pytest.mark.parametrize("processors", [1, 2])
def test_the_pages_are_compared_with_and_without_a_copy_of_the_process(
    seal: Seal, key: LocalKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    monkeypatch.setattr("weighbridge.edge.sharing._processors", lambda: processors)
    record = dataclasses.replace(sample_record(), tool_version=__version__)
    honest = seal(record=record)
    asked = {"draw": sample_pdf, "replay": lambda record: record}
    assert checked(honest.folder, key, **asked).exit_code is ExitCode.HOLDS
    assert checked(honest.folder / "report.pdf", key, **asked).exit_code is ExitCode.HOLDS

    def breaking(_: AuditRecord) -> AuditRecord:
        raise KeyError("a rule")

    def other(of: AuditRecord) -> bytes:
        return pdf_with({"audit.json": of.to_bytes()}, "other words")

    report = checked(honest.folder, key, draw=other, replay=breaking)
    assert failed(report) == ["pdf content", "replay"]
    assert "(KeyError)" in str(report.checks)

    def broken(_: AuditRecord) -> bytes:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):  # not taken for a good drawing
        checked(honest.folder, key, draw=broken)


def test_a_record_that_does_not_replay_is_noticed(seal: Seal, key: LocalKey) -> None:
    pack = seal(record=dataclasses.replace(sample_record(), tool_version=__version__))

    def other(record: AuditRecord) -> AuditRecord:
        return dataclasses.replace(record, offline=True)

    assert checked(pack.folder, key, replay=lambda record: record).exit_code is ExitCode.HOLDS
    assert failed(checked(pack.folder, key, replay=other)) == ["replay"]


# --- the folder


def test_a_swapped_record_is_noticed(pack: SealedPack, key: LocalKey) -> None:
    better = dataclasses.replace(pack.record, tool_version="9")
    (pack.folder / "audit.json").write_bytes(better.to_bytes())
    assert {"files", "record", "pdf attachment"} <= set(failed(checked(pack.folder, key)))


def test_the_seal_of_another_pack_is_noticed(
    pack: SealedPack, seal: Seal, key: LocalKey, trust: LoopbackTrust, tmp_path: Path
) -> None:
    other = seal(
        record=dataclasses.replace(sample_record(), tool_version="9"),
        timestamp_url=trust.timestamp_url,
        out=tmp_path / "other",
    )
    shutil.copy(other.folder / "audit.sigstore.json", pack.folder)
    report = checked(pack.folder, key)
    assert {"files", "record"} <= set(failed(report))
    assert report.reason is Reason.TAMPERED


@pytest.mark.parametrize("name", ["folder", "evidence/folder", "evidence/sha256/folder"])
def test_an_empty_folder_is_noticed(pack: SealedPack, key: LocalKey, name: str) -> None:
    (pack.folder / name).mkdir()
    assert failed(checked(pack.folder, key)) == ["nothing else"]


@pytest.mark.parametrize("name", ["evidence", "evidence/sha256"])
def test_an_empty_evidence_folder_is_noticed(seal: Seal, key: LocalKey, name: str) -> None:
    pack = seal(record=dataclasses.replace(sample_record(), evidence=()), raw={})
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS
    (pack.folder / name).mkdir(parents=True)
    assert failed(checked(pack.folder, key)) == ["nothing else"]


class StatementView:
    NAME = "a statement"
    FILENAME = "vsa.sigstore.json"
    MEDIA_TYPE = "application/json"
    PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"

    def render(self, record: AuditRecord) -> bytes:
        import json

        kind = self.PREDICATE_TYPE
        body = {"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": kind}
        return json.dumps({**body, "predicate": {"of": str(record.digest)}}).encode()


def test_a_statement_for_one_purpose_is_none_for_another(
    seal: Seal, key: LocalKey, tmp_path: Path
) -> None:
    from weighbridge.model.errors import HostileInput, SealError
    from weighbridge.seal.seal_file import read_seal
    from weighbridge.seal.sealed_statement import read_statement, seal_statement

    pack = seal(views=(StatementView(),))
    assert checked(pack.folder, key).exit_code is ExitCode.HOLDS
    vsa = (pack.folder / "vsa.sigstore.json").read_bytes()
    own = (pack.folder / "audit.sigstore.json").read_bytes()
    assert read_statement(vsa, predicate_type=StatementView.PREDICATE_TYPE)
    for data, kind in ((own, ""), (own, StatementView.PREDICATE_TYPE), (vsa, "urn:another")):
        with pytest.raises(HostileInput):
            read_statement(data, predicate_type=kind)
    with pytest.raises(HostileInput):
        read_seal(vsa)
    payload = StatementView().render(pack.record)
    for kind in ("urn:another", PREDICATE_TYPE):
        with pytest.raises(SealError):
            seal_statement(payload, key, predicate_type=kind)
    with pytest.raises(SealError):
        seal_statement(
            payload.replace(StatementView.PREDICATE_TYPE.encode(), PREDICATE_TYPE.encode()),
            key,
            predicate_type=PREDICATE_TYPE,
        )


def test_a_statement_by_another_key_is_noticed(seal: Seal, key: LocalKey, tmp_path: Path) -> None:
    from weighbridge.seal.sealed_statement import seal_statement

    stranger = local_key(tmp_path / "stranger")

    class Foreign(StatementView):
        FILENAME = "vsa.sigstore.jsonl"  # the seal covers it under this name, unsigned

    pack = seal(views=(StatementView(),))
    data = seal_statement(
        StatementView().render(pack.record), stranger, predicate_type=StatementView.PREDICATE_TYPE
    )
    (pack.folder / "vsa.sigstore.json").write_bytes(data)
    assert failed(checked(pack.folder, key)) == ["files", "statement vsa.sigstore.json"]


# --- the time


def test_an_expired_signer_without_a_timestamp_is_expired(seal: Seal, key: LocalKey) -> None:
    report = checked(seal().folder, key, now=LATER)
    assert (report.exit_code, report.reason) == (ExitCode.VIOLATED, Reason.EXPIRED)
    assert failed(report) == ["signer certificate"]
    assert report.reason in {check.reason for check in report.checks}


def test_an_expired_signer_with_a_timestamp_holds_as_long_as_that_does(
    pack: SealedPack, key: LocalKey, trust: LoopbackTrust
) -> None:
    from cryptography import x509

    ends = x509.load_der_x509_certificate(key.certificate).not_valid_after_utc
    until = trust.timestamps.signer.certificate.not_valid_after_utc
    assert until < ends  # both have about ten years: the timestamp lapses first, so it is expired
    report = checked(pack.folder, key, timestamp_roots=roots(trust), now=ends + dt.timedelta(1))
    assert report.reason is Reason.EXPIRED
    before = checked(pack.folder, key, timestamp_roots=roots(trust), now=until)
    assert before.reason is Reason.HOLDS
    assert before.existed is not None


def test_a_key_not_known_is_incomplete_and_another_is_untrusted(
    pack: SealedPack, tmp_path: Path
) -> None:
    assert verify_pack(pack.folder).reason is Reason.INCOMPLETE
    other = local_key(tmp_path / "other")
    report = verify_pack(pack.folder, signer=other.fingerprint)
    assert (report.exit_code, report.reason) == (ExitCode.VIOLATED, Reason.UNTRUSTED)
