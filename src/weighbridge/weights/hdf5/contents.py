"""Text and bytes inside an HDF5 file that a loader would act on: Keras configurations, pickles.

Keras reads ``model_config`` and ``training_config``. PyTables unpickles attributes that are byte
strings ending in a full stop, and the elements of a dataset whose ``PSEUDOATOM`` is ``object``
(``tables/attributeset.py``, ``tables/atom.py``); pandas' ``HDFStore`` lies on top of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

from weighbridge.model.errors import HostileInput
from weighbridge.weights import keras_config
from weighbridge.weights.hdf5.attributes import Attribute, byte_values
from weighbridge.weights.hdf5.damage import going_on
from weighbridge.weights.hdf5.datatypes import STRING
from weighbridge.weights.hdf5.file import UNDEFINED, File
from weighbridge.weights.hdf5.heaps import GlobalHeaps
from weighbridge.weights.inspection import Verdict
from weighbridge.weights.log import Log
from weighbridge.weights.pickle.opcodes_data import looks_nested
from weighbridge.weights.pickle.stream import Pickles, inspect_pickles
from weighbridge.weights.source import Source

KERAS_CONFIGS = (b"model_config", b"training_config")
MAX_CONFIGS = 8  # of one file
MAX_TRIED = 5000  # values of one file that are tried as a pickle
_TRY_COST = 60  # steps
_KEPT = (b"PSEUDOATOM", b"PYTABLES_FORMAT_VERSION")


class Contents:
    """Looks into the values of one file."""

    def __init__(self, file: File, heaps: GlobalHeaps, log: Log) -> None:
        self.file, self.heaps, self.log = file, heaps, log
        self.tried = 0
        self.scanned = False
        self._configs: set[tuple[int, int]] = set()

    def attributes(self, path: str, found: Iterable[Attribute], kept: dict[bytes, bytes]) -> None:
        """Look into every attribute. ``kept`` gets the values that tell how to read the object."""
        for attribute in found:
            place = f"{path}@{attribute.name.decode('utf-8', 'replace')}"
            with going_on(self.log, place):
                for value, address in byte_values(self.file, self.heaps, attribute):
                    if attribute.name in _KEPT:
                        kept[attribute.name] = value[:80]
                    if attribute.name in KERAS_CONFIGS:
                        self._config(place, value, address)
                    else:
                        self._value(place, value, attribute)

    def _config(self, place: str, value: bytes, address: int) -> None:
        key = address, len(value)
        if address != UNDEFINED and key in self._configs:
            return
        self._configs.add(key)
        if len(self._configs) > MAX_CONFIGS:
            self.log.gap(f"the file holds more than {MAX_CONFIGS} Keras configurations")
            return
        with self.log.at(place), going_on(self.log, "the configuration"):
            keras_config.inspect_config(value.rstrip(b"\0"), self.log)

    def _value(self, place: str, value: bytes, attribute: Attribute) -> None:
        alone = attribute.datatype.kind == STRING and attribute.dataspace.count == 1
        ends = alone and len(value) > 2 and value.endswith(b".")
        if ends or looks_nested(value[:200]):
            self.pickle(place, Source(lambda: io.BytesIO(value), len(value)))

    def pickle(self, place: str, source: Source, *, certain: bool = False) -> None:
        """Analyse what may be a pickle; ``certain``: a loader takes it for one."""
        self.tried += 1
        if self.tried > MAX_TRIED:
            if self.tried == MAX_TRIED + 1:
                self.log.gap(f"more than {MAX_TRIED} values look like pickles")
            return
        self.file.spend(_TRY_COST)
        scratch = self.log.scratch()
        with scratch.at(place):
            try:
                found = inspect_pickles(source, scratch, most=1)
            except HostileInput as error:
                scratch.issue("damaged-pickle", str(error))
                scratch.gap(str(error), uninspected=False)
                found = Pickles()
        if certain or (found.count and not found.trailing):
            self.log.take(scratch)
        else:
            least = Verdict.UNLISTED if found.count else Verdict.DANGEROUS
            self.log.absorb(scratch, least=least)
