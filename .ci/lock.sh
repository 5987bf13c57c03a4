#!/usr/bin/env bash
# Write the lock files: hashes, every platform, no addresses. The index is the one pip is set up for.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
eval "$(python3 - <<'P'
import shlex
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
config = Configuration(isolated=False)
config.load()
items = dict(config.items())
if any(isinstance(v, dict) for v in items.values()):
    items = {k: v for table in items.values() for k, v in table.items()}
index = next((v for k, v in items.items() if k.split(".")[-1] == "index-url"), PyPI.simple_url)
print("export UV_DEFAULT_INDEX=" + shlex.quote(index))
P
)"
compile() {
  "$uv" --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}
# the build backend is locked with the rest, so that installing needs no build isolation
compile pyproject.toml --group pyproject.toml:build -o .ci/locks/runtime.txt
compile pyproject.toml --group pyproject.toml:dev -o .ci/locks/dev.txt
compile --group pyproject.toml:peers -o .ci/locks/peers.txt
