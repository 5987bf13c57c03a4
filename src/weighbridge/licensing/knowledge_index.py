"""Writes the index of the clause knowledge base. Maintainers run it, the tool never.

python -m weighbridge.licensing.knowledge_index
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from weighbridge.edge.files import write_atomic
from weighbridge.licensing.knowledge import FOLDER, INDEX_FILE, SCHEMA, plain_name
from weighbridge.licensing.terms_file import file_name, parse_terms
from weighbridge.model.licensing.terms import Terms


def read_folder(folder: Path) -> tuple[dict[str, Terms], list[str]]:
    """Every license under a folder by its path there, and what is wrong with files that have none.

    The names of files must agree with the ids in them.
    """
    found: dict[str, Terms] = {}
    defects: list[str] = []
    for path in sorted(folder.glob("*/*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            terms = parse_terms(path.read_text(encoding="utf-8"), source=name)
        except ValueError as error:
            defects.append(str(error))
            continue
        if path.name != file_name(terms.id):
            defects.append(f"{name}: {terms.id} must stand in {file_name(terms.id)}")
            continue
        found[name] = terms
    return found, defects


def index(found: Mapping[str, Terms]) -> tuple[dict[str, object], list[str]]:
    """The index of licenses by path, and what two of them claim."""
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    hub: dict[str, str] = {}
    defects: list[str] = []

    def claim(table: dict[str, str], keys: Iterable[str], path: str) -> None:
        taken = [key for key in keys if table.setdefault(key, path) != path]
        defects.extend(f"{path}: {key} belongs to {table[key]} already" for key in taken)

    for path, terms in found.items():
        claim(ids, (i.lower() for i in (terms.id, *terms.also)), path)
        claim(hub, terms.hub, path)
        claim(names, (plain_name(n) for n in (terms.name, *terms.names, *terms.hub)), path)
    body: dict[str, object] = {
        "schema": SCHEMA,
        "known": sorted(terms.id for terms in found.values()),
        "ids": dict(sorted(ids.items())),
        "names": dict(sorted(names.items())),
    }
    return body, defects


def rendered(body: Mapping[str, object]) -> str:
    """The index as the file has it."""
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the index of the sound files and tell what is wrong with the others."""
    folder = Path(__file__).parent / FOLDER
    found, defects = read_folder(folder)
    body, claims = index(found)
    write_atomic(folder / INDEX_FILE, rendered(body).encode())
    for defect in (*defects, *claims):
        sys.stderr.write(f"{defect}\n")
    return 1 if defects or claims else 0


if __name__ == "__main__":
    raise SystemExit(main())
