"""The effective policy, while one file after the other is put on top of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from weighbridge.model.digest import Digest
from weighbridge.model.policy import (
    Gate,
    Mode,
    ParamValue,
    Policy,
    RuleSetting,
    SignatureDemands,
    TrustedSigner,
    Waiver,
)
from weighbridge.model.rule import RuleMeta
from weighbridge.policy.demands import check_demands, read_demands
from weighbridge.policy.document import Document, beside, parse, read_document
from weighbridge.policy.loosening import loosened
from weighbridge.policy.params import checked_params
from weighbridge.policy.roots import read_texts
from weighbridge.policy.shape import (
    MAX_WAIVER_DAYS,
    PolicyFile,
    RuleEntry,
    WaiversFile,
    waiver_keys_at,
)
from weighbridge.policy.signers import read_signers
from weighbridge.policy.suggest import did_you_mean
from weighbridge.policy.waivers import read_waivers

_SETTINGS = ("severity", "mode", "on_unknown", "on_error", "on_manual")


@dataclass(frozen=True, slots=True)
class Layer:
    """One policy file."""

    document: Document
    file: PolicyFile


class Effective:
    """The effective policy while one file after the other is put on top."""

    def __init__(
        self, metas: dict[str, RuleMeta], as_of: dt.date, frameworks: Collection[str]
    ) -> None:
        self.metas = metas
        self.as_of = as_of
        self.known_frameworks = frameworks
        self.settings: dict[str, RuleSetting] = {}
        self.gate = Gate()
        self.trust: tuple[TrustedSigner, ...] = ()
        self.signatures = SignatureDemands()
        self.commit_signers: tuple[str, ...] = ()
        self.frameworks: tuple[str, ...] = ()
        self.timestamp_required = False
        self.timestamp_because = ""
        self.max_days = MAX_WAIVER_DAYS
        self.waivers: dict[str, Waiver] = {}
        self.sources: list[tuple[str, Digest]] = []
        self.waiver_sources: list[tuple[str, Digest]] = []

    def put(self, layer: Layer) -> None:
        """Put one file on top of what there is.

        Raises:
            ConfigurationError: the file is wrong, or it loosens without saying why.
        """
        document, file = layer.document, layer.file
        if file.said("gate"):
            self._put_gate(layer)
        for rule, entry in file.rules.items() if file.said("rules") else ():
            self._put_rule(document, rule, entry)
        if file.said("trust"):
            self.trust = read_signers(document, file.trust)
        if file.said("signatures"):
            self.signatures = read_demands(document, file.signatures, self.signatures)
        if file.said("commits"):
            self.commit_signers = read_texts(document, file.commits.signers, ("commits", "signers"))
        if file.said("frameworks"):
            self._put_frameworks(layer)
        if file.said("timestamp"):
            self._put_timestamp(layer)
        if file.said("waivers_max_days"):
            self._put_max_days(layer)
        self._put_waivers(layer)
        self.sources.append((document.path.name, document.digest))

    def _put_gate(self, layer: Layer) -> None:
        entry, before = layer.file.gate, self.gate
        fail_on = entry.fail_on if entry.said("fail_on") else before.fail_on
        because = entry.because if entry.said("because") else ""
        if self.sources and fail_on.rank > before.fail_on.rank and not because:
            raise layer.document.error(
                f"this raises the gate's threshold from {before.fail_on} to {fail_on}",
                ("gate", "fail_on"),
                "Say why in 'because:' under 'gate:'; the report prints it.",
            )
        self.gate = Gate(fail_on, _joined(before.because, because))

    def _put_rule(self, document: Document, rule: str, entry: RuleEntry) -> None:
        here = ("rules", rule)
        meta = self.metas.get(rule)
        if meta is None:
            raise document.error(
                f"unknown rule {rule[:100]!r}", here, did_you_mean(rule, self.metas)
            )
        before = self.settings.get(rule)
        base = before or RuleSetting(rule, meta.severity, params=meta.defaults)
        given = checked_params(document, here, meta, entry.params) if entry.said("params") else {}
        because = entry.because if entry.said("because") else ""
        after = dataclasses.replace(
            base,
            **{name: getattr(entry, name) for name in _SETTINGS if entry.said(name)},
            severity_set=base.severity_set or entry.said("severity"),
            params=freeze_params({**base.params, **given}),
            because=_joined(base.because, because),
        )
        if before is not None and not because:
            for key, what in loosened(before, after, meta, self.gate.fail_on):
                raise document.error(
                    f"this {what} for {rule!r}",
                    (*here, *key.split(".")),
                    "Say why in 'because:' under the rule; the report prints it.",
                )
        self.settings[rule] = after

    def _put_frameworks(self, layer: Layer) -> None:
        for index, name in enumerate(layer.file.frameworks):
            if name not in self.known_frameworks:
                raise layer.document.error(
                    f"unknown framework {name!r}",
                    ("frameworks", index),
                    did_you_mean(name, self.known_frameworks),
                )
        self.frameworks = tuple(dict.fromkeys(layer.file.frameworks))

    def _put_timestamp(self, layer: Layer) -> None:
        entry = layer.file.timestamp
        required = entry.required if entry.said("required") else self.timestamp_required
        because = entry.because if entry.said("because") else ""
        if self.timestamp_required and not required and not because:
            raise layer.document.error(
                "this no longer requires a timestamp",
                ("timestamp", "required"),
                "Say why in 'because:' under 'timestamp:'; the report prints it.",
            )
        self.timestamp_required = required
        self.timestamp_because = _joined(self.timestamp_because, because)

    def _put_max_days(self, layer: Layer) -> None:
        days = layer.file.waivers_max_days
        if self.sources and days > self.max_days:
            raise layer.document.error(
                f"waivers may run {self.max_days} days, and a policy on top may only shorten that",
                ("waivers_max_days",),
            )
        self.max_days = days

    def _put_waivers(self, layer: Layer) -> None:
        document, file = layer.document, layer.file
        batches = [(document, file.waivers)] if file.said("waivers") else []
        if file.said("waivers_file"):
            path = beside(document, file.waivers_file, ("waivers_file",))
            if not path.is_file():
                raise document.error(
                    f"the waivers file {file.waivers_file!r} is not there", ("waivers_file",)
                )
            other = read_document(path, str(Path(document.name).parent / file.waivers_file))
            batches.append((other, parse(other, WaiversFile, waiver_keys_at).waivers))
            self.waiver_sources.append((other.path.name, other.digest))
        for source, entries in batches:
            waivers = read_waivers(
                source,
                entries,
                rules=self.metas,
                as_of=self.as_of,
                max_days=self.max_days,
            )
            for index, waiver in enumerate(waivers):
                if waiver.id in self.waivers:
                    raise source.error(
                        f"two waivers have the id {waiver.id!r}", ("waivers", index, "id")
                    )
                self.waivers[waiver.id] = waiver

    def policy(self, outermost: Sequence[Layer]) -> Policy:
        """What all files amount to. Rules that none names are off.

        Args:
            outermost: the files the user named, the last on top: they name the result.

        Raises:
            ConfigurationError: no rule is left on.
        """
        if all(setting.mode is Mode.OFF for setting in self.settings.values()):
            top = outermost[-1].document
            what = "turns every rule off" if self.settings else "names no rule"
            raise top.error(f"the policy {what}", ("rules",), "Name the rules that must hold.")
        check_demands(outermost[-1].document, self.signatures, self.trust)
        settings = tuple(
            self.settings.get(rule)
            or RuleSetting(rule, meta.severity, Mode.OFF, freeze_params(meta.defaults))
            for rule, meta in self.metas.items()
        )
        return Policy(
            id="+".join(layer.file.id for layer in outermost),
            version="+".join(layer.file.version for layer in outermost),
            owner=outermost[-1].file.owner,
            rules=settings,
            gate=self.gate,
            trust=self.trust,
            signatures=self.signatures,
            waivers=tuple(self.waivers.values()),
            frameworks=self.frameworks,
            timestamp_required=self.timestamp_required,
            timestamp_because=self.timestamp_because,
            commit_signers=self.commit_signers,
            sources=(*reversed(self.sources), *self.waiver_sources),
        )


def freeze_params(params: Mapping[str, ParamValue]) -> Mapping[str, ParamValue]:
    """Parameters by name, read-only."""
    return MappingProxyType({name: params[name] for name in sorted(params)})


def _joined(before: str, now: str) -> str:
    """The reasons of several files, each once."""
    return now if not before or before == now else f"{before}; {now}" if now else before
