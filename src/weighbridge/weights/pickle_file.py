"""A file that is one pickle, or several in a row: ``.pkl``, ``.joblib``, old checkpoints."""

from __future__ import annotations

from weighbridge.weights.log import Log
from weighbridge.weights.pickle.stream import inspect_pickles
from weighbridge.weights.source import Source
from weighbridge.weights.torch_storage import count_storages


def inspect(source: Source, log: Log) -> None:
    """Analyse every pickle of the stream."""
    found = inspect_pickles(source, log)
    count_storages(found.storages, log)
