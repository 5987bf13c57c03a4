# ruff: noqa: E501 - a sample reads best as one line of bytes
"""Torch archives that run something, or that two readers see differently; legacy files; TorchScript."""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterator

from tests.corpus.assemble import (
    PROTO_2,
    RUN,
    RUN_PICKLE,
    RUN_TEXT,
    Zip,
    call,
    imp,
    state_dict,
    text,
    torch_legacy,
    torch_zip,
)
from tests.corpus.sample import Sample

Case = tuple[bytes, tuple[str, ...], str]
OS = ("os.system",)
IN_DICT = state_dict(extra=text("x") + RUN)
# A harmless pickle and one that runs, of the same length: their archives have the same layout.
_TAIL = len(state_dict()) - len(RUN_PICKLE)
SAME_LENGTH = RUN_PICKLE[:-1] + b"N0" * (_TAIL // 2) + b"2" * (_TAIL % 2) + b"."


def _archive(pickle: bytes, **member: object) -> Zip:
    return _whole(Zip(torch=True).add("a/data.pkl", pickle, **member))  # type: ignore[arg-type]


def _whole(archive: Zip) -> Zip:
    """With the storage and the version, without which torch reads nothing."""
    return archive.add("a/data/0", b"\0" * 24).add("a/version", b"3\n")


def _two(first: bytes, second: bytes, *, name: str = "a/data.pkl") -> Zip:
    return _whole(Zip(torch=True).add("a/data.pkl", first).add(name, second))


def places(benign: bytes, payload: bytes) -> dict[str, Case]:
    """Archives with the payload wherever a pickle may lie."""
    return {
        "deflated": (_whole(Zip().add("a/data.pkl", payload, method=8)).end(), OS, "by zipfile, compressed"),
        "root-folder-empty": (Zip().add("data.pkl", payload).end(), OS, "data.pkl in no folder"),
        "upper-case": (_whole(Zip(torch=True).add("a/DATA.PKL", payload)).end(), OS, "torch finds the name whatever its case"),
        "second-pickle": (_archive(benign + payload).end(), OS, "a second pickle in data.pkl"),
        "constants": (torch_zip(benign, **{"constants.pkl": payload}).end(), OS, "TorchScript's constants.pkl runs"),
        "extra-pickle": (torch_zip(benign, **{"extra/other.pkl": payload}).end(), OS, "a pickle besides data.pkl"),
        "extra-without-suffix": (torch_zip(benign, **{"extra/notes": payload}).end(), OS, "a pickle with no suffix"),
        "storage-is-a-pickle": (Zip(torch=True).add("a/data.pkl", benign).add("a/data/0", payload).add("a/version", b"3\n").end(), OS, "a storage that is a pickle"),
        "two-data": (_archive(benign).add("b/data.pkl", payload).end(), OS, "two folders with a data.pkl"),
        "pickle-behind-the-end": (_archive(benign).end() + payload, ("trailing-data",), "a pickle behind the archive"),
        "pickle-in-the-comment": (_archive(benign).end(comment=payload), (), "a pickle in the archive's comment"),
        "pickle-before": (payload + _archive(benign).end(), OS, "torch.load would see a zip, pickle.load a pickle"),
        "pickle-in-a-gap": (_archive(benign).end(gap=payload), (), "a pickle between members and directory"),
    }  # fmt: skip


def views(benign: bytes, payload: bytes, level: bytes) -> dict[str, Case]:
    """Archives of which one reader sees what another does not.

    ``level`` runs as ``payload`` does and is as long as ``benign``.
    """
    return {
        "stacked-first": (_archive(level).end() + _archive(benign).end(), OS, "miniz reads the first archive, zipfile the last"),
        "stacked-last": (_archive(benign).end() + _archive(level).end(), OS, "zipfile reads the last archive, miniz the first"),
        "in-the-comment": (_archive(level).end(comment=_archive(benign).end()), OS, "the second archive is the first one's comment"),
        "comment-runs": (_archive(benign).end(comment=_archive(level).end()), OS, "the second archive is the first one's comment"),
        "duplicate-last": (_two(benign, payload).end(), OS, "the last of two members of a name wins"),
        "duplicate-first": (_two(payload, benign).end(), OS, "the first of two members of a name wins elsewhere"),
        "duplicate-by-case": (_two(benign, payload, name="a/DATA.PKL").end(), OS, "two names that fold to one"),
        "encrypted-flag": (_archive(payload, flags=0x809).end(), OS, "the encryption bit alone (CVE-2025-1945)"),
        "encrypted-flag-local": (_archive(payload, local_flags=0x809).end(), OS, "the encryption bit in the local header (CVE-2025-1945)"),
        "encrypted-flag-central": (_archive(payload, flags=0x809, local_flags=0x808).end(), OS, "the encryption bit in the directory"),
        "patch-flag": (_archive(payload, flags=0x828).end(), OS, "the bit of patch data"),
        "strong-encryption-flag": (_archive(payload, flags=0x849).end(), OS, "the bit of strong encryption"),
        "masked-flag": (_archive(payload, flags=0x2808).end(), OS, "the bit of masked headers"),
        "local-name": (_archive(payload, local_name="a/zzzz.pkl").end(), OS, "local header and directory differ in the name (CVE-2025-1944)"),
        "local-name-hides": (_whole(Zip(torch=True).add("a/zzzz.txt", payload, local_name="a/data.pkl")).end(), OS, "the local header alone says data.pkl"),
        "bad-crc": (_archive(payload, crc=1).end(), OS, "a wrong checksum stops other readers (CVE-2025-10156)"),
        "size-lie": (_archive(payload, size=2).end(), (), "the directory says two bytes"),
        "local-size-lie": (_archive(payload, flags=0, local_size=2).end(), OS, "the local header says two bytes"),
        "offset-into-another": (_whole(Zip(torch=True).add("a/data/1", b"PK\x03\x04" + payload).add("a/data.pkl", payload, offset=0)).end(), (), "two members at one place"),
        "prefix": (b"\x7fELF" + b"\0" * 60 + _archive(payload).end(), OS, "an archive behind another program's mark"),
        "no-directory-entry": (_archive(benign).end().replace(b"PK\x05\x06", b"PK\x05\x07", 1) + _archive(payload).end(), OS, "a first archive whose end is broken"),
        "nul-in-name": (_whole(Zip(torch=True).add("a/data.pkl\0.txt", payload)).end(), OS, "a NUL cuts the name for readers in C"),
        "backslash": (_whole(Zip(torch=True).add("a\\data.pkl", payload)).end(), OS, "a backslash as the separator"),
        "traversal": (_archive(benign).add("../../nonexistent/inert", b"x").end(), ("traversal-name",), "a name that climbs out of the folder"),
    }  # fmt: skip


PAYLOADS: dict[str, Case] = {
    "whole": (_archive(RUN_PICKLE).end(), OS, "data.pkl runs"),
    "value-in-the-state": (_archive(IN_DICT).end(), OS, "a value of the state dict runs"),
    "as-bin": (_archive(RUN_PICKLE).end(), OS, "the hub's usual name"),
    "upper-case-protocol-0": (Zip(torch=True).add("a/Data.Pkl", RUN_TEXT).end(), OS, "the same, a pickle of text"),
    "protocol-0": (_archive(RUN_TEXT).end(), OS, "data.pkl of protocol 0"),
    "reduce-ex-model": (_archive(PROTO_2 + imp("models.net", "build") + b")R.").end(), ("models.net.build",), "a full module of code nobody knows"),
    "weights-only-bypass": (_archive(PROTO_2 + imp("collections", "OrderedDict") + b")R}" + text("_metadata") + imp("os", "system") + b"sb.").end(), OS, "a state set on a listed class (CVE-2025-32434's class)"),
    "setitem-on-tensor-type": (_archive(PROTO_2 + imp("torch", "FloatTensor") + text("a") + imp("os", "system") + b"s.").end(), OS, "SETITEM on a type (CVE-2026-24747's class)"),
    "rebuild-from-type": (_archive(PROTO_2 + call(imp("torch._tensor", "_rebuild_from_type_v2"), imp("os", "system"), imp("builtins", "str"), b"(" + text("echo inert") + b"t", b"}") + b".").end(), OS, "a listed function that calls its argument"),
    "load-from-bytes": (_archive(PROTO_2 + call(imp("torch.storage", "_load_from_bytes"), text("x")) + b".").end(), ("torch.storage._load_from_bytes",), "another load within the load"),
    "python-file": (torch_zip(**{"code/run.py": b"import os\nos.system('echo inert')\n"}).end(), (), "Python source beside the weights"),
}  # fmt: skip

# The code, and what must be named.
SCRIPTS: dict[str, tuple[str, str]] = {
    "from-file": ("def forward(self, x: Tensor) -> Tensor:\n  y = torch.from_file(\"/nonexistent/inert\", False, 3)\n  return y\n", "from_file"),
    "save": ("def forward(self, x: Tensor) -> Tensor:\n  _0 = ops.aten.save(x, \"/nonexistent/inert\")\n  return x\n", "save"),
    "aten-from-file": ("def forward(self, x: Tensor) -> Tensor:\n  y = ops.aten.from_file(\"/nonexistent/inert\", False, 3)\n  return y\n", "from_file"),
    "custom-operator": ("def forward(self, x: Tensor) -> Tensor:\n  y = ops.inert_ns.run_command(x)\n  return y\n", "run_command"),
    "custom-class": ("class M(Module):\n  handle : __torch__.torch.classes.inert_ns.Runner\n", "Runner"),
    "print-then-write": ("def forward(self, x: Tensor) -> Tensor:\n  _0 = torch.save(x, \"/nonexistent/inert\")\n  return x\n", "save"),
}  # fmt: skip


def _script(code: str, *, path: str = "code/__torch__/inert.py") -> bytes:
    archive = Zip(torch=True).add("m/data.pkl", PROTO_2 + b"c__torch__.inert\nM\n)\x81}b.")
    archive.add(f"m/{path}", code.encode()).add("m/constants.pkl", b"\x80\x02).")
    return archive.add("m/version", b"3\n").end()


LEGACY: dict[str, Callable[[], Case]] = {
    "whole": lambda: (torch_legacy(RUN_PICKLE), OS, "the object's pickle runs"),
    "value-in-the-state": lambda: (torch_legacy(IN_DICT), OS, "a value of the state dict runs"),
    "before-the-magic": lambda: (RUN_PICKLE + torch_legacy(), OS, "a pickle before the magic number"),
    "magic-computed": lambda: (PROTO_2 + RUN + b"0" + torch_legacy()[2:], OS, "the pickle of the magic number runs something first"),
    "system-info": lambda: (torch_legacy().replace(b"\x80\x02}(", b"\x80\x02" + RUN + b"0}(", 1), OS, "the pickle of the system's facts runs something"),
    "storage-keys": lambda: (torch_legacy().replace(b"\x80\x02]", b"\x80\x02" + RUN + b"0]", 1), OS, "the pickle of the storage keys runs something"),
    "behind-the-storages": lambda: (torch_legacy() + RUN_PICKLE, ("trailing-data",), "a pickle behind the storages"),
}  # fmt: skip


def samples() -> Iterator[Sample]:
    """Archives with payloads, archives of several views, TorchScript code, legacy files."""
    assert len(SAME_LENGTH) == len(state_dict())
    assert all(True for _ in pickletools.genops(SAME_LENGTH)), "the twin must be a whole pickle"
    lying = places(state_dict(), RUN_PICKLE)
    for how, (content, expect, why) in (PAYLOADS | lying).items():
        suffix = "bin" if how == "as-bin" else "pt"
        yield Sample("malicious", "torch-archive", f"{how}.{suffix}", content, expect, why)
    seen = views(state_dict(), RUN_PICKLE, SAME_LENGTH)
    for how, (content, expect, why) in seen.items():
        yield Sample("malicious", "torch-views", f"{how}.pt", content, expect, why)
    for how, (code, word) in SCRIPTS.items():
        yield Sample("malicious", "torchscript", f"{how}.pt", _script(code), (word,),
                     "TorchScript that reads or writes a file, or needs foreign operators")  # fmt: skip
    for how, make in LEGACY.items():
        content, expect, why = make()
        yield Sample("malicious", "torch-legacy", f"{how}.pth", content, expect, why)
    package = (
        Zip(torch=True).add("p/.data/extern_modules", b"inert\n").add("p/.data/version", b"6\n")
    )
    package.add("p/inert.py", b"import os\nos.system('echo inert')\n").add(
        "p/model/model.pkl", RUN_PICKLE
    )
    yield Sample(
        "malicious",
        "torch-package",
        "package.pt",
        package.end(),
        OS,
        "a torch.package with code and a pickle",
    )
    code_only = (
        Zip(torch=True)
        .add("p/.data/version", b"6\n")
        .add("p/inert.py", b"import os\nos.system('echo inert')\n")
    )
    code_only.add("p/model/model.pkl", PROTO_2 + imp("<torch_package_0>.inert", "Net") + b")\x81.")
    yield Sample(
        "malicious",
        "torch-package",
        "code-only.pt",
        code_only.end(),
        (),
        "a torch.package whose class is its own code",
    )
    exported = Zip(torch=True).add("e/archive_format", b"pt2").add("e/models/model.json", b"{}")
    exported.add("e/data/sample_inputs/model.pt", torch_zip(RUN_PICKLE).end())
    yield Sample(
        "malicious",
        "torch-package",
        "exported.pt2",
        exported.end(),
        OS,
        "torch.export: the sample inputs run (CVE-2026-4538's class)",
    )
    compiled = (
        Zip(torch=True)
        .add("e/archive_format", b"pt2")
        .add("e/data/aotinductor/model/model.so", b"\x7fELF" + b"\0" * 60)
    )
    yield Sample(
        "malicious",
        "torch-package",
        "compiled.pt2",
        compiled.end(),
        (),
        "torch.export: a compiled library that is loaded",
    )
