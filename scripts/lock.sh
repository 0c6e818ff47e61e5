#!/bin/bash
# Resolves what is asked for (*.in, package.json) anew into the locks with digests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

compile() {
  .venv/bin/python -m uv pip compile -q --system-certs --generate-hashes \
    --no-emit-index-url --no-header --python-version 3.11 "$@"
}
compile requirements.in -o requirements.txt
# The tests must run against the very versions that serve.
compile -c requirements.txt requirements-dev.in -o requirements-dev.txt
npm install --package-lock-only --loglevel=error
