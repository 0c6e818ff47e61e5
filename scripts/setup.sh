#!/bin/bash
# Installs what is missing, and nothing twice: system packages, .venv, front-end libraries.
#   scripts/setup.sh [--tests]     --tests adds what tests and checks need
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
database_url=${DATABASE_URL:-}
[ "${1:-}" = --tests ] && database_url=${TEST_DATABASE_URL:-}

need() { # need PACKAGE COMMAND... : note the package unless the command succeeds
  local package=$1
  shift
  "$@" >/dev/null 2>&1 || missing+=("$package")
}
has_file() { compgen -G "$1" >/dev/null; }

if [ -z "$database_url" ]; then
  need postgresql-15-postgis-3 has_file '/usr/share/postgresql/*/extension/postgis.control'
fi
need python3-venv has_file '/usr/lib/python3*/ensurepip/__init__.py'
need ca-certificates has_file /etc/ssl/certs/ca-certificates.crt
need nodejs command -v node
need npm command -v npm
# Case sheets are drawn with these, and with Chinese letters.
need libpango-1.0-0 has_file '/usr/lib/*/libpango-1.0.so.0'
need libpangoft2-1.0-0 has_file '/usr/lib/*/libpangoft2-1.0.so.0'
need libharfbuzz-subset0 has_file '/usr/lib/*/libharfbuzz-subset.so.0'
need fonts-noto-cjk has_file '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'
if [ "${1:-}" = --tests ]; then
  need chromium command -v chromium
fi

if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" != 0 ]; then
  way_out=""
  [ -z "$database_url" ] && way_out=" (a PostGIS server is not needed if DATABASE_URL, for tests TEST_DATABASE_URL, names one)"
  echo "Missing system packages: install them with \`apt-get install ${missing[*]}\` as root$way_out." >&2
  exit 1
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing system packages: ${missing[*]}"
  # Otherwise the package would create and start a cluster of its own on port 5432.
  settings=/etc/postgresql-common/createcluster.conf
  if [ ! -e $settings ]; then
    mkdir -p "$(dirname $settings)"
    echo "create_main_cluster = false" >$settings
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt=(apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
  if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; }; then
    echo "apt-get could not install ${missing[*]}: its last lines above say why." >&2
    exit 1
  fi
fi

exec /usr/bin/python3 -m scripts.install "$@"
