"""``make demo``: the main job on a small model, with nothing from outside.

The timestamp authority and the advisory service are loopback stand-ins. They speak
the real protocols, prove nothing outside the demo, and the demo says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from weighbridge.testing.osv import FakeOsv
from weighbridge.testing.sigstore import LoopbackTrust

FOLDER = Path("weighbridge-demo")
MODEL = Path("fixtures/models/tiny-chat")
POLICY = Path("policies/baseline.yaml")


def main() -> int:
    """Audit, verify, replay. Returns the first exit code that is not 0."""
    if not MODEL.is_dir():
        print(f"{MODEL} is not here: run the demo from the project's folder.", file=sys.stderr)
        return 2
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    pack, root = FOLDER / "audit-pack", FOLDER / "demo-timestamp-root.pem"
    with LoopbackTrust() as trust, FakeOsv([]) as advisories:
        root.write_text(trust.tsa_roots)
        code = _weighbridge(
            "audit", MODEL, "--policy", POLICY, "--out", pack,
            "--timestamp", trust.timestamp_url, "--osv-url", advisories.url,
        )  # fmt: skip
    if code == 0:
        code = _weighbridge("report", "verify", pack, "--timestamp-root", root)
    if code == 0:
        code = _weighbridge("replay", pack)
    print(
        "\nThe timestamp authority and the advisory service of this demo ran on this\n"
        "machine and are gone: they show how a pack is made and prove nothing outside\n"
        "the demo.\n"
        f"\n  The report: {pack / 'report.pdf'}\n  The record: {pack / 'audit.json'}"
    )
    return code


def _weighbridge(*arguments: object) -> int:
    """Run the command as a user would, showing what is typed."""
    words = [str(argument) for argument in arguments]
    print(f"\n$ weighbridge {' '.join(words)}", flush=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WEIGHBRIDGE_AUDIT")}
    return subprocess.run(
        [sys.executable, "-m", "weighbridge", *words], env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
