"""The generated documentation is what the code says today."""

from pathlib import Path

from weighbridge.testing.docs import reference

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_is_up_to_date() -> None:
    written = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.iterdir() if p.is_file()}
    generated = reference()
    assert set(written) == set(generated)
    stale = [name for name, text in generated.items() if written[name] != text]
    assert stale == [], "run `make docs`"
