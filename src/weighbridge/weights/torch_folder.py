"""What belongs into the archives that torch and skops load, and what their names promise.

Sources: torch/serialization.py; caffe2/serialize/inline_container.cc, whose reader takes the folder
of the first member and asks for the version in it; skops/io/_persist.py.
"""

from __future__ import annotations

import re

from weighbridge.weights import skops
from weighbridge.weights.log import Log

_CODE = re.compile(r"(?:\A|/)code/|bytecode\.pkl\Z")  # of a scripted model, for either interpreter
# What torch loads instead of a data.pkl: packages, exported programs, compiled libraries, or models
# that lie in the archive as files of their own (torch/package, torch/export/pt2_archive).
_LOADED = re.compile(
    r"\.pkl\Z|(?:\A|/)\.data/|archive_format\Z|serialized_exported_program\.json\Z"
    r"|\.(?:pt2?|pth|bin|safetensors|ckpt|onnx|so|json)\Z",
    re.I,
)
_VERSION = re.compile(rb"\d{1,9}(\.\d{1,9})*\Z")
_NEWEST = 100  # the newest is 10 (caffe2/serialize/versions.h); later ones will be no leap


def check_folder(names: list[str], log: Log, *, scripted: bool) -> None:
    """All of a torch file lies in one folder, and its version does; a scripted model has code."""
    if not names:
        return
    if not any(name.casefold().endswith("version") for name in names):
        log.issue("missing-member", "a torch archive without its version", -1, "")
    tops = {n[: -len("/data.pkl")] for n in names if n.casefold().endswith("/data.pkl")}
    if len(tops) == 1 and "/" not in (top := next(iter(tops))):
        others = sorted(name for name in names if not name.startswith(f"{top}/"))
        if others:
            message = f"{len(others)} members lie outside of the folder {top!r}: {others[0][:80]!r}"
            log.issue("foreign-member", message, -1, "")
    if scripted and not any(_CODE.search(name) for name in names):
        log.issue("missing-member", "a scripted model without its code", -1, "")
    if not any("/" in name for name in names):
        log.issue("foreign-member", "a torch archive without a folder", -1, "")


def check_extra(name: str, text: bytes, log: Log, place: str) -> None:
    """The byte order and the version, which torch refuses to guess (torch/serialization.py)."""
    base = name.rpartition("/")[2]
    if base == "byteorder" and text not in (b"little", b"big"):
        message = f"the byte order is {text[:40]!r}, and only little and big exist"
        log.issue("bad-value", message, -1, place)
    elif base == "version" and not _VERSION.match(text):
        message = f"the version of the archive is {text[:40]!r}, which is no number"
        log.issue("bad-value", message, -1, place)
    elif base == "version" and text.isdigit() and int(text) > _NEWEST:
        message = f"the archive's version is {int(text)}, and torch reads none above {_NEWEST}"
        log.issue("bad-value", message, -1, place)


def check_promise(names: list[str], taken: set[str] | None, log: Log) -> None:
    """An archive of no kind of its own, against its name.

    Args:
        names: its members.
        taken: those that a schema of skops takes data from, None where there is none.
        log: gets what is found.
    """
    file = log.name.lower()
    if file.endswith((".pt", ".pth")) and not any(map(_LOADED.search, names)):
        log.issue("missing-member", "the name promises a torch file, without a data.pkl", -1, "")
    if file.endswith(".skops") and "schema.json" not in names:
        log.issue("missing-member", "a skops archive without schema.json", -1, "")
    elif file.endswith(".skops") and taken is not None:
        skops.compare_members(taken, names, log)
