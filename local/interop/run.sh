#!/usr/bin/env bash
# Drives opik-local with Opik's real Python and TypeScript SDKs and their integrations, which are installed into a temporary
# folder, and exits with another status than 0 where one of them reads back something else than it wrote.
# INTEROP_CACHE=DIR keeps what was installed. PYTHON=FILE is a Python that has python/requirements.txt already.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cache=${INTEROP_CACHE:-$work}
mkdir -p "$cache"
trap 'kill ${running:-} 2>/dev/null || true; rm -rf "$work"' EXIT

# address FILE waits for a program to print where it listens, and prints that.
address() {
	for _ in $(seq 300); do
		grep -om 1 'http://[0-9.:]*' "$1" && return
		sleep 0.1
	done
	echo "a server did not start" >&2
	cat "$work/log" >&2
	return 1
}

if [ -z "${PYTHON:-}" ]; then
	PYTHON=$cache/venv/bin/python
	[ -x "$PYTHON" ] || python3 -m venv "$cache/venv"
	echo "installing the Python packages"
	"$PYTHON" -m pip install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
fi
# The integrations want the 1.x of Opik's SDK, and so have a folder of their own. What they need is all in package.json:
# npm would add OpenTelemetry's whole SDK for Node.js, which nothing here uses.
for folder in typescript integrations; do
	mkdir -p "$cache/$folder"
	cp "$here/$folder"/* "$cache/$folder"
	echo "installing the npm packages of $folder"
	(cd "$cache/$folder" && npm install --silent --no-audit --no-fund $([ "$folder" = typescript ] || echo --legacy-peer-deps) >/dev/null)
done

echo "building opik-local"
(cd "$here/.." && go build -o "$work/opik-local" ./cmd/opik-local)
"$work/opik-local" -addr 127.0.0.1:0 -db "$work/opik.db" >"$work/out" 2>"$work/log" &
running=$!
"$PYTHON" "$here/python/provider.py" "$here/../../interop/testdata/usage" >"$work/provider" 2>>"$work/log" &
running="$running $!"
OPIK_URL_OVERRIDE=$(address "$work/out")/api
PROVIDER=$(address "$work/provider")
export OPIK_URL_OVERRIDE PROVIDER OPIK_SENTRY_ENABLE=false OPIK_ANALYTICS_ENABLE=false OPIK_WORKSPACE=default HOME=$work PYTHONDONTWRITEBYTECODE=1

for program in sdk integrations otel; do
	"$PYTHON" "$here/python/$program.py" "$here/../../interop/testdata/usage"
done
node "$cache/typescript/sdk.mjs"
node "$cache/integrations/integrations.mjs"

if [ -s "$work/log" ]; then
	echo "opik-local or the providers logged errors:" >&2
	cat "$work/log" >&2
	exit 1
fi
