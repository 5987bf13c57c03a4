"""Every signal. A literal tuple; a test holds it against the files and the rules."""

from __future__ import annotations

from weighbridge.model.hijack.likelihood import Signal
from weighbridge.model.hijack.signals_contents import CONTENTS
from weighbridge.model.hijack.signals_releases import RELEASES

SIGNALS: tuple[Signal, ...] = (*RELEASES, *CONTENTS)
