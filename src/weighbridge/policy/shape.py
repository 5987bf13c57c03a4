"""The shape of a policy file, as pydantic models: strict, and nothing unknown is let through.

What a file does not say is not in ``model_fields_set``; the defaults here are never read.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from weighbridge.model.finding import Severity
from weighbridge.model.policy import Mode, OnInconclusive

MAX_WAIVER_DAYS = 180
_UNSAID: Any = None


def _yaml_off(value: object) -> object:
    """YAML 1.1 reads a bare ``off`` as false: here the word is meant."""
    return Mode.OFF.value if value is False else value


def _no_bool(value: object) -> object:
    """``true`` equals 1 in Python, and is not 1 here."""
    return "true" if value is True else value


def _pinned(value: object) -> object:
    return {"policy": value} if isinstance(value, str) else value


SchemaVersion = Annotated[Literal[1], BeforeValidator(_no_bool)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^(sha256:)?[0-9a-f]{64}$")]
SeverityWord = Annotated[Severity, Field(strict=False)]
ModeWord = Annotated[Mode, Field(strict=False), BeforeValidator(_yaml_off)]
CloseWord = Annotated[OnInconclusive, Field(strict=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    def said(self, name: str) -> bool:
        """Whether the file gives the key."""
        return name in self.model_fields_set


class Extends(_Strict):
    """The policy beneath this one, optionally pinned to the SHA-256 of its file."""

    policy: Text = Field(description="A shipped policy's name, or a path relative to this file.")
    sha256: Hex = Field(default=_UNSAID, description="The SHA-256 that the file must have.")


class RuleEntry(_Strict):
    """One rule. What is left out is inherited, or the rule's default."""

    severity: SeverityWord = Field(
        default=_UNSAID,
        description="Replaces the rule's severity and those of its single findings.",
    )
    mode: ModeWord = Field(
        default=_UNSAID,
        description="enforce (default): may close the gate; report: shown only; off: not run.",
    )
    on_unknown: CloseWord = Field(
        default=_UNSAID, description="When evidence could not be had: close (default) or report."
    )
    on_error: CloseWord = Field(
        default=_UNSAID, description="When a rule or collector broke: close (default) or report."
    )
    on_manual: CloseWord = Field(
        default=_UNSAID, description="When only a person can say: close or report (default)."
    )
    params: dict[str, Any] = Field(default=_UNSAID, description="The rule's own parameters.")
    because: Text = Field(
        default=_UNSAID, description="Why this loosens what the policy extends; mandatory then."
    )


class GateEntry(_Strict):
    """When a failing rule closes the gate."""

    fail_on: SeverityWord = Field(
        default=_UNSAID, description="The lowest severity that closes the gate. Default: high."
    )
    because: Text = Field(default=_UNSAID, description="Why the threshold is raised.")


class TimestampEntry(_Strict):
    """Whether the report's seal must carry an RFC 3161 timestamp."""

    required: bool = Field(default=_UNSAID, description="Default: false.")
    because: Text = Field(default=_UNSAID, description="Why it is no longer required.")


class SignerEntry(_Strict):
    """Who may sign: an EC public key (P-256, P-384, P-521), its fingerprint, or an identity."""

    name: Text = Field(description="The signer, for people.")
    public_key: Text = Field(default=_UNSAID, description="The key in PEM.")
    key_file: Text = Field(
        default=_UNSAID, description="A PEM file, in this policy's folder or below it."
    )
    key_sha256: Hex = Field(
        default=_UNSAID,
        description="The SHA-256 of a key's DER SubjectPublicKeyInfo. The key itself must come in "
        "the signature (as its certificate's) or lie at the model's top level (.pub, .pem).",
    )
    identity: Text = Field(
        default=_UNSAID,
        description="Whom the certificate must name: an e-mail address, URI or common name, "
        "exactly or as a glob (* stops at / and @, ** does not).",
    )
    issuer: Text = Field(
        default=_UNSAID,
        description="Who vouches for the identity, exactly or as a glob: with trusted_root the "
        "OpenID provider's address, with certificate_roots the issuing authority's name.",
    )
    trusted_root: Text = Field(
        default=_UNSAID,
        description="A Sigstore instance's trusted_root.json or client trust configuration, in "
        "this policy's folder or below it.",
    )
    certificate_roots: Annotated[list[Text], Field(min_length=1)] = Field(
        default=_UNSAID,
        description="PEM files with the authorities to believe, in this policy's folder or below.",
    )
    paths: Annotated[list[Text], Field(min_length=1)] = Field(
        default=_UNSAID, description="Globs over the paths this signer may sign. Default: **."
    )


class CommitsEntry(_Strict):
    """Who may sign commits, beside the keys in ``trust``."""

    signers: Annotated[list[Text], Field(max_length=100)] = Field(
        description="Files in this policy's folder or below it: OpenSSH's allowed_signers, or "
        "armored OpenPGP public keys. Replaces the list of what is extended.",
    )


class _Demands(_Strict):
    """What can be demanded of signatures, of all files or of some."""

    min_signers: Annotated[int, Field(ge=1, le=100)] = Field(
        default=_UNSAID, description="How many different signers of the trust list. Default: 1."
    )
    max_age_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        default=_UNSAID, description="The highest age, by a trusted time. Left out: any."
    )
    require_timestamp: bool = Field(
        default=_UNSAID, description="Whether a trusted RFC 3161 timestamp is needed."
    )
    require_log: bool = Field(
        default=_UNSAID, description="Whether a transparency log is needed (Sigstore)."
    )
    timestamp_roots: Annotated[list[Text], Field(min_length=1)] = Field(
        default=_UNSAID,
        description="PEM files with the roots of the timestamp authorities to believe, in this "
        "policy's folder or below it.",
    )
    because: Text = Field(
        default=_UNSAID, description="Why this loosens what the policy extends; mandatory then."
    )


class PathDemandsEntry(_Demands):
    """What is demanded of signatures over some files, on top of what is demanded of all."""

    paths: Annotated[list[Text], Field(min_length=1, max_length=100)] = Field(
        description="Globs over the paths of the files. The same list in a policy on top changes "
        "this entry."
    )


class SignaturesEntry(_Demands):
    """What a signature must have to count, and how many signers each weight file needs."""

    by_path: Annotated[list[PathDemandsEntry], Field(min_length=1, max_length=100)] = Field(
        default=_UNSAID,
        description="Demands more of some files. Added to the entries of what is extended.",
    )


class WaiverEntry(_Strict):
    """A failing rule that is accepted for a while, for one subject. Every key is mandatory."""

    id: Word = Field(description="How reports name the waiver.")
    rule: Text = Field(description="The rule's id.")
    subject: Text = Field(description="The subject's digest, dirHash1:…, as the report prints it.")
    path: Text = Field(description="A glob over artifact paths; ** for all of the rule's findings.")
    owner: Text = Field(description="Who must fix it.")
    reason: Text = Field(description="Why it is accepted until then.")
    approver: Text = Field(description="Who accepted it.")
    created: dt.date = Field(description="The first day it holds.")
    expires: dt.date = Field(description="The last day it holds.")


class WaiversFile(_Strict):
    """A file of waivers, named by ``waivers_file``."""

    schema_: SchemaVersion = Field(alias="schema")
    waivers: list[WaiverEntry]


class PolicyFile(_Strict):
    """A Weighbridge policy."""

    schema_: SchemaVersion = Field(alias="schema", description="The version of this file's shape.")
    id: Word = Field(description="The policy's name in reports.")
    version: Word = Field(description="The policy's own version; put it in quotes.")
    owner: Text = Field(description="Who answers for the policy.")
    extends: Annotated[Extends, BeforeValidator(_pinned)] = Field(
        default=_UNSAID, description="The policy beneath this one."
    )
    rules: Annotated[dict[str, RuleEntry], Field(min_length=1)] = Field(
        default=_UNSAID, description="The rules by id. A rule that no file names is off."
    )
    gate: GateEntry = Field(default=_UNSAID, description="When a failing rule closes the gate.")
    trust: list[SignerEntry] = Field(
        default=_UNSAID, description="Who may sign. Replaces the list of what is extended."
    )
    signatures: SignaturesEntry = Field(
        default=_UNSAID, description="What a signature of theirs must have to count."
    )
    commits: CommitsEntry = Field(
        default=_UNSAID, description="Who may sign commits, beside those in trust."
    )
    frameworks: list[Word] = Field(
        default=_UNSAID, description="Clause frameworks to report on; empty or left out: all."
    )
    timestamp: TimestampEntry = Field(
        default=_UNSAID, description="Whether the seal needs a timestamp."
    )
    waivers: list[WaiverEntry] = Field(
        default=_UNSAID, description="Findings accepted for a while. Added to those extended."
    )
    waivers_file: Text = Field(
        default=_UNSAID, description="A file of waivers, in this policy's folder or below it."
    )
    waivers_max_days: Annotated[int, Field(ge=1, le=3660)] = Field(
        default=_UNSAID,
        description=f"The longest a waiver may run, in days. Default: {MAX_WAIVER_DAYS}.",
    )


# Which model describes the keys at a key path; * is any key or index.
MODELS: dict[tuple[str, ...], type[_Strict]] = {
    (): PolicyFile,
    ("extends",): Extends,
    ("rules", "*"): RuleEntry,
    ("gate",): GateEntry,
    ("timestamp",): TimestampEntry,
    ("trust", "*"): SignerEntry,
    ("signatures",): SignaturesEntry,
    ("commits",): CommitsEntry,
    ("signatures", "by_path", "*"): PathDemandsEntry,
    ("waivers", "*"): WaiverEntry,
}


def keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at a key path."""
    for pattern, model in MODELS.items():
        if len(pattern) == len(path) and all(
            want in ("*", have) for want, have in zip(pattern, path, strict=True)
        ):
            return tuple(f.alias or name for name, f in model.model_fields.items())
    return ()


def waiver_keys_at(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at a key path of a file of waivers."""
    return keys_at(path) if path else ("schema", "waivers")
