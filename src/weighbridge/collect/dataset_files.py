"""Data beside the model: tracked by DVC or Git LFS, listed by Quilt, described by Croissant.

Each is a dataset of the subject by the subject's own word. DVC (``.dvc`` files, ``dvc.lock``), LFS
pointers and Croissant's ``sha256`` fix its content, so they come as records with a pin. Where one
dataset has many files, its pin is the SHA-256 of their listing as ``sha256sum`` prints it, sorted
by path.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from weighbridge.collect.dataset_ids import MAX_ID, card_id
from weighbridge.collect.dataset_records import MAX_TEXT, Record
from weighbridge.edge.yaml import load_yaml
from weighbridge.model.artifact import Artifact, Presence
from weighbridge.model.errors import HostileInput

MAX_OUTPUTS = 5_000  # of one dvc.lock
MAX_LINES = 200_000  # of one Quilt manifest

_DVC_HASH = re.compile(r"[0-9a-f]{32}(?:\.dir)?\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z", re.I)
_DATA = re.compile(
    r"\.(?:csv|tsv|jsonl|ndjson|parquet|arrow|feather|orc|avro|tfrecords?|lmdb|mdb)(?:\.(?:gz|bz2|xz|zst))?\Z",
    re.I,
)
_WEIGHTS = re.compile(
    r"\.(?:safetensors|bin|pt|pth|ckpt|gguf|ggml|onnx|h5|keras|pkl|pickle|joblib|tflite|pb|msgpack"
    r"|npz|npy|model|mlmodel|pte|engine)\Z",
    re.I,
)
_CROISSANT = re.compile(r"(?:^|/)(?:[\w.-]*croissant[\w.-]*|metadata|dataset)\.json\Z", re.I)
_QUILT = re.compile(r"(?:^|/)\.quilt/packages/[0-9a-f]{64}\Z")
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]{1,300}")
_SPDX = re.compile(r"https?://(?:www\.)?spdx\.org/licenses/([\w.+-]{1,60}?)(?:\.html|\.json)?/?\Z")
_CREATIVE = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses/([a-z-]{2,8})/([1-4]\.[05])"
    r"|publicdomain/zero/1\.0)",
    re.I,
)


def is_dvc(path: str) -> bool:
    """Whether a file is one in which DVC keeps hashes."""
    return path.endswith(".dvc") or posixpath.basename(path) == "dvc.lock"


def is_croissant(path: str) -> bool:
    """Whether a file's name is one that Croissant descriptions go by."""
    return _CROISSANT.search(path) is not None


def is_quilt(path: str) -> bool:
    """Whether a file is a manifest in a Quilt registry: it is named by its top hash."""
    return _QUILT.search(path) is not None


def dvc_records(text: str, path: str) -> tuple[Record, ...]:
    """The data that DVC tracks: the outputs of a ``.dvc`` file, what the stages of a lock read.

    What a stage makes is the project's own, and weights are no dataset.

    Raises:
        HostileInput: not YAML of DVC's shape.
    """
    document = load_yaml(text, source=path)
    body = document.value
    if not isinstance(body, dict):
        raise HostileInput("it is not of DVC's form: it must be keys and values")
    folder = posixpath.dirname(path)
    rows: list[tuple[dict[str, Any], int]] = []
    if path.endswith(".dvc"):
        rows = [(out, document.line(("outs", i))) for i, out in _mappings(body.get("outs"))]
        folder = posixpath.join(folder, _word(body, "wdir")) if _word(body, "wdir") else folder
    else:
        stages = body.get("stages", body)  # version 1 had no key of its own
        stages = stages if isinstance(stages, dict) else {}
        made = {
            _word(out, "path")
            for stage in stages.values()
            if isinstance(stage, dict)
            for _, out in _mappings(stage.get("outs"))
        }
        for name, stage in stages.items():
            for i, dep in _mappings(stage.get("deps") if isinstance(stage, dict) else None):
                if _word(dep, "path") not in made:
                    rows.append((dep, document.line(("stages", name, "deps", i))))
    records: dict[str, Record] = {}
    for row, line in rows[:MAX_OUTPUTS]:
        name = posixpath.normpath(posixpath.join(folder, _word(row, "path")))[:MAX_ID]
        value = _word(row, "md5")
        if not _word(row, "path") or _WEIGHTS.search(name) or _is_code(name):
            continue
        pinned = bool(_DVC_HASH.match(value))
        records.setdefault(
            name,
            Record(name, path, line, pin=value if pinned else "", pin_kind="dvc" if pinned else ""),
        )
    return tuple(records.values())


def pointer_records(artifacts: Iterable[Artifact]) -> Iterator[Record]:
    """Data whose Git LFS pointers lie here: one dataset a folder, one a file at the top."""
    groups: dict[str, list[Artifact]] = {}
    for artifact in artifacts:
        if artifact.presence is Presence.POINTER and _DATA.search(artifact.path):
            folder = posixpath.dirname(artifact.path)
            groups.setdefault(folder or artifact.path, []).append(artifact)
    for name, files in sorted(groups.items()):
        listed = [(d.value, file.path) for file in files if (d := file.digest()) is not None]
        if len(listed) == len(files):
            yield Record(name[:MAX_ID], files[0].path, 0, pin=listing(listed), pin_kind="sha256")
        else:
            yield Record(name[:MAX_ID], files[0].path, 0)


def listing(files: Iterable[tuple[str, str]]) -> str:
    """What fixes several files: one file's own SHA-256, else that of their sorted listing."""
    rows = sorted(files, key=lambda row: row[1])
    if len(rows) == 1:
        return rows[0][0].lower()
    text = "".join(f"{digest.lower()}  {path}\n" for digest, path in rows)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def quilt_record(text: str, path: str) -> Record | None:
    """The package of a Quilt manifest (JSON lines, its header first); pinned by its top hash.

    Raises:
        HostileInput: not JSON lines with a header of version ``v0``.
    """
    first = text.partition("\n")[0]
    if text.count("\n") > MAX_LINES:
        raise HostileInput(f"it has more than {MAX_LINES} lines")
    try:
        header = json.loads(first)
    except (ValueError, RecursionError) as error:
        raise HostileInput("its first line is not JSON") from error
    if not isinstance(header, dict) or header.get("version") != "v0":
        raise HostileInput("its first line is not the header of a Quilt manifest")
    top = posixpath.basename(path)
    meta = header.get("user_meta")
    meta = meta if isinstance(meta, dict) else {}
    name = _word(meta, "name") or f"quilt:{top[:12]}"
    return Record(name[:MAX_ID], path, 1, license=_word(meta, "license"), pin=top,
                  pin_kind="sha256")  # fmt: skip


def croissant_record(value: Any, path: str) -> Record | None:
    """What a Croissant description says of its dataset; None where it is none.

    Field names are read with and without their prefix (``sc:``, ``cr:``), whatever ``@context``
    says: a description without ``@language`` is read as well (MLCommons Croissant 1.0 and 1.1).
    """
    if not isinstance(value, dict) or not _conforms(value):
        return None
    name, url = _word(value, "name"), _word(value, "url") or _word(value, "@id")
    hub = card_id(url)
    identifier = (
        f"{_word(value, 'identifier')} {_word(value, '@id')} {_word(value, 'citeAs')} {url}"
    )
    doi = _DOI.search(identifier)
    files = [
        (digest, _word(item, "name") or _word(item, "@id") or _word(item, "contentUrl"))
        for _, item in _mappings(_field(value, "distribution"))
        if _SHA256.match(digest := _word(item, "sha256"))
    ]
    complete = len(files) == len(
        [i for _, i in _mappings(_field(value, "distribution")) if "FileSet" not in _type(i)]
    )
    live = _field(value, "isLiveDataset") is True
    pinned = bool(files) and complete and not live
    version = _word(value, "version")
    return Record(
        id=(hub if hub and hub != url else name or url or path)[:MAX_ID],
        path=path,
        line=0,
        license=license_id(_field(value, "license")),
        citation=_word(value, "citeAs"),
        doi=doi.group(0).rstrip(".,;})") if doi else "",
        url=url,
        pin=listing(files) if pinned else version,
        pin_kind="sha256" if pinned else "branch-or-tag" if version else "",
    )


def license_id(value: Any) -> str:
    """A license as Croissant gives it: an id, an address, a ``CreativeWork``, or a list of them."""
    if isinstance(value, list):
        found = [one for one in map(license_id, value[:20]) if one]
        return " AND ".join(found)[:MAX_TEXT]
    if isinstance(value, dict):
        value = _word(value, "url") or _word(value, "@id") or _word(value, "name")
    if not isinstance(value, str):
        return ""
    text = value.strip()[:MAX_TEXT]
    if spdx := _SPDX.match(text):
        return spdx.group(1)
    if creative := _CREATIVE.match(text):
        kind, version = creative.groups()
        return f"CC-{kind.upper()}-{version}" if kind else "CC0-1.0"
    return text


def _conforms(value: dict[str, Any]) -> bool:
    claims = _field(value, "conformsTo")
    claims = claims if isinstance(claims, list) else [claims]
    texts = [c.get("@id", "") if isinstance(c, dict) else c for c in claims]
    named = any(isinstance(t, str) and "mlcommons.org/croissant" in t for t in texts)
    return named and "Dataset" in _type(value)


def _type(value: dict[str, Any]) -> str:
    kind = value.get("@type")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "")


def _field(value: dict[str, Any], name: str) -> Any:
    for key in (name, f"sc:{name}", f"cr:{name}", f"schema:{name}", f"dct:{name}",
                f"https://schema.org/{name}"):  # fmt: skip
        if key in value:
            return value[key]
    return None


def _word(value: dict[str, Any], name: str) -> str:
    found = _field(value, name)
    return found.strip()[:MAX_TEXT] if isinstance(found, str) else ""


def _mappings(value: Any) -> list[tuple[int, dict[str, Any]]]:
    items = value if isinstance(value, list) else []
    return [(i, item) for i, item in enumerate(items) if isinstance(item, dict)]


def _is_code(name: str) -> bool:
    return name.endswith((".py", ".ipynb", ".sh", ".yaml", ".yml", ".toml", ".md"))
