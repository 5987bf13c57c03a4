"""HDF5: a bounded reader of a file's structure that follows no link out of it.

Source of every rule in this package: the HDF5 File Format Specification, version 3.0 (The HDF
Group); section numbers in the modules are its own. Nothing here reads another file: external links,
external raw data and the sources of virtual datasets are reported and left alone (CVE-2026-1669).
"""

from weighbridge.weights.hdf5.walk import inspect

__all__ = ["inspect"]
