"""What can be wrong with a ledger."""

from __future__ import annotations

from weighbridge.model.errors import HostileInput, WeighbridgeError


class LedgerDamaged(HostileInput):
    """The folder does not hold what its checkpoint says. Nothing may be appended or concluded."""


class LedgerError(WeighbridgeError):
    """A ledger or its key cannot be used: not readable, not ours, held by another process."""
