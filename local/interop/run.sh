#!/usr/bin/env bash
# Drives opik-local with the real Python and TypeScript SDKs, installed into a temporary folder, and exits with another
# status than 0 where one of them reads back something else than it wrote. INTEROP_CACHE=DIR keeps what was installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cache=${INTEROP_CACHE:-$work}
mkdir -p "$cache"
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

echo "building opik-local"
(cd "$here/.." && go build -o "$work/opik-local" ./cmd/opik-local)
"$work/opik-local" -addr 127.0.0.1:0 -db "$work/opik.db" >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
	url=$(sed -n 's/.*OPIK_URL_OVERRIDE=//p' "$work/out")
	[ -n "$url" ] && break
	sleep 0.1
done
[ -n "$url" ] || { echo "opik-local did not start" >&2; cat "$work/log" >&2; exit 1; }
export OPIK_URL_OVERRIDE=$url OPIK_SENTRY_ENABLE=false OPIK_WORKSPACE=default HOME=$work

if [ ! -x "$cache/venv/bin/python" ]; then
	echo "installing the Python SDK"
	python3 -m venv "$cache/venv"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check opik==2.2.122 openai
fi
"$cache/venv/bin/python" "$here/interop.py"

if [ ! -d "$cache/node_modules/opik" ]; then
	echo "installing the TypeScript SDK"
	npm install --silent --no-audit --no-fund --prefix "$cache" opik@2.0.40 >/dev/null
fi
cp "$here/interop.mjs" "$cache/interop.mjs"
node "$cache/interop.mjs"

if [ -s "$work/log" ]; then
	echo "opik-local logged errors:" >&2
	cat "$work/log" >&2
	exit 1
fi
