#!/usr/bin/env bash
# The real tools the tests run against: poppler (pdfsig, pdftotext, pdftoppm), openssl, git-lfs,
# zip, SoftHSM, Chromium.
# As root on Debian they are installed; elsewhere the tests that need a missing one say so.
set -euo pipefail
declare -A package=([pdfsig]=poppler-utils [openssl]=openssl [git]=git [git-lfs]=git-lfs [ssh-keygen]=openssh-client
  [softhsm2-util]=softhsm2 [chromium]=chromium)
missing=()
for tool in "${!package[@]}"; do command -v "$tool" >/dev/null || missing+=("${package[$tool]}"); done
[ ${#missing[@]} -eq 0 ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >/dev/null
  for one in "${missing[@]}"; do # one by one: where a mirror lacks one, the others come
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$one" >/dev/null ||
      echo "Not installed: $one. The tests that need it are skipped and say so." >&2
  done
else
  echo "Not installed here: ${missing[*]}. The tests that need them are skipped and say so." >&2
fi
