#!/usr/bin/env bash
# Build the wheel, install it in an empty environment, and use it from there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m build --wheel --no-isolation --outdir "$work/dist" . >/dev/null
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --require-hashes -r .ci/locks/runtime.txt
"$work/venv/bin/python" -m pip install --quiet --no-deps "$work"/dist/*.whl
"$work/venv/bin/python" -m pip check
cp -r fixtures/models/tiny-chat "$work/model"
cd "$work"
export WEIGHBRIDGE_CONFIG_DIR="$work/config"
venv/bin/weighbridge --help >/dev/null
venv/bin/weighbridge inspect model
venv/bin/weighbridge audit model --offline --as-of 2026-11-20 --out pack
venv/bin/weighbridge report verify pack
venv/bin/weighbridge replay pack
venv/bin/weighbridge sbom model --format spdx --output sbom.json
venv/bin/weighbridge sbom check sbom.json pack/sbom.cdx.json
echo "The wheel installs, inspects, audits, verifies, replays and makes a bill of materials."
