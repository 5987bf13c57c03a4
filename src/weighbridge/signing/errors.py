"""What can go wrong with a signature, told apart: wrong, malformed, not supported, not signable."""

from __future__ import annotations

from weighbridge.model.errors import (
    ExitCode,
    HostileInput,
    SubjectError,
    UsageError,
    WeighbridgeError,
)


class SignatureInvalid(WeighbridgeError):
    """The signature does not match the bytes under the given key."""

    exit_code = ExitCode.VIOLATED


class UnusableKey(UsageError):
    """A key that cannot be used here: its kind, curve or size, or its password is wrong."""


class MalformedBundle(HostileInput):
    """Bytes that claim to be a Sigstore bundle and break its format."""


class MalformedManifest(HostileInput):
    """A signed statement that breaks the OMS format, or contradicts itself."""


class UnsupportedSignature(HostileInput):
    """A well-formed signature of a kind that this version cannot verify. Never a pass."""

    exit_code = ExitCode.INCONCLUSIVE


class UnrelatedSignature(UnsupportedSignature):
    """A signature over something else than a model's files, such as build provenance.

    ``predicate_type`` says what the signed statement is about; empty where there is none.
    """

    def __init__(self, message: str, *, predicate_type: str = "") -> None:
        super().__init__(message)
        self.predicate_type = predicate_type


class LegacyManifest(UnsupportedSignature):
    """The experimental manifest of model_signing 0.2, which signs no complete file set."""


class CannotSign(SubjectError):
    """The subject is in no state that a signature could honestly describe."""
