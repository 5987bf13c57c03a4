"""Policy files to the one effective policy: what is extended first, what is named last on top."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from pathlib import Path

from weighbridge.model.errors import ConfigurationError
from weighbridge.model.policy import Policy
from weighbridge.model.rule import RuleMeta
from weighbridge.policy.document import parse, read_document
from weighbridge.policy.effective import Effective, Layer
from weighbridge.policy.shape import PolicyFile, keys_at
from weighbridge.policy.shipped import shipped_frameworks, shipped_policy

_MAX_DEPTH = 8  # policies that extend one another


def load_policy(
    name_or_path: str,
    *,
    rules: Sequence[RuleMeta],
    as_of: dt.date,
    frameworks: Collection[str] | None = None,
) -> Policy:
    """One policy, by a shipped name or a path. As :func:`load_policies` of one."""
    return load_policies((name_or_path,), rules=rules, as_of=as_of, frameworks=frameworks)


def load_policies(
    names_or_paths: Sequence[str],
    *,
    rules: Sequence[RuleMeta],
    as_of: dt.date,
    frameworks: Collection[str] | None = None,
) -> Policy:
    """The effective policy of several, later ones on top of earlier ones.

    Args:
        names_or_paths: a name without a slash and ``.yaml`` is a shipped policy's.
        rules: every rule there is, in the registry's order.
        as_of: the day on which waivers must hold.
        frameworks: the clause frameworks there are; None for the shipped ones.

    Raises:
        ConfigurationError: with file and line, and a suggestion for what is misspelt.
    """
    if not names_or_paths:
        raise ConfigurationError("no policy is named", remedy="Name one: --policy baseline.")
    chains = [_chain(name) for name in names_or_paths]
    layers: list[Layer] = []
    for chain in chains:
        # a file that is extended twice stands once, beneath all that builds on it
        seen = {(layer.document.path, layer.document.digest) for layer in layers}
        layers += [la for la in chain if (la.document.path, la.document.digest) not in seen]
    known = shipped_frameworks() if frameworks is None else frameworks
    effective = Effective({meta.id: meta for meta in rules}, as_of, known)
    for layer in layers:
        effective.put(layer)
    return effective.policy([chain[-1] for chain in chains])


def _chain(name: str) -> list[Layer]:
    """A policy and what it extends, outermost last."""
    if "/" in name or name.endswith((".yaml", ".yml")):
        layer = _read(Path(name), name)
    else:
        layer = _read(shipped_policy(name), f"{name}.yaml")
    chain = [layer]
    while chain[-1].file.said("extends"):
        child = chain[-1]
        at = ("extends",)
        if len(chain) == _MAX_DEPTH:
            raise child.document.error(f"more than {_MAX_DEPTH} policies extend one another", at)
        parent = _parent(child)
        if any(parent.document.path == layer.document.path for layer in chain):
            raise child.document.error("the policy extends itself in a circle", at)
        chain.append(parent)
    return chain[::-1]


def _parent(child: Layer) -> Layer:
    wanted, at = child.file.extends.policy, ("extends",)
    if "/" in wanted or wanted.endswith((".yaml", ".yml")):
        if Path(wanted).is_absolute():
            raise child.document.error(
                "extends must be a shipped policy's name or a relative path", at
            )
        path = child.document.path.parent / wanted
        name = str(Path(child.document.name).parent / wanted)
        if not path.is_file():
            raise child.document.error(f"the policy {wanted!r} that this extends is not there", at)
    else:
        try:
            path, name = shipped_policy(wanted), f"{wanted}.yaml"
        except ConfigurationError as error:
            raise child.document.error(error.message, at, error.remedy) from error
    parent = _read(path, name)
    if child.file.extends.said("sha256"):
        pinned = child.file.extends.sha256.removeprefix("sha256:")
        if pinned != parent.document.digest.value:
            raise child.document.error(
                f"{name} has the SHA-256 {parent.document.digest.value}, not the pinned one",
                ("extends", "sha256"),
                "Read what has changed in it, then pin the new one.",
            )
    return parent


def _read(path: Path, name: str) -> Layer:
    document = read_document(path, name)
    return Layer(document, parse(document, PolicyFile, keys_at))
