#!/usr/bin/env bash
# Opens the page in a headless Chromium, beside a demo that sends its trace, and exits with another status than 0 where
# something is not as it should be. BROWSER_CACHE=DIR keeps what was installed, SHOTS=DIR takes the README's pictures,
# CHROMIUM=FILE is a browser of your own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
cache=${BROWSER_CACHE:-$work}
mkdir -p "$cache"
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

cp "$here"/*.mjs "$here/package.json" "$cache"
echo "installing Playwright"
(cd "$cache" && npm install --silent --no-audit --no-fund >/dev/null)
# Where Playwright's own download cannot be reached, the registry has a Chromium for Linux.
if [ -z "${CHROMIUM:-}" ] && ! (cd "$cache" && npx playwright install chromium-headless-shell >"$work/install" 2>&1); then
	[ -d "$cache/node_modules/@sparticuz/chromium" ] ||
		(cd "$cache" && npm install --silent --no-audit --no-fund --no-save @sparticuz/chromium@147.0.0 >/dev/null)
fi

(cd "$here/.." && go build -o "$work/opik-local" ./cmd/opik-local)
(cd "$here/../.." && go build -o "$work/quickstart" ./examples/quickstart)
"$work/opik-local" -addr 127.0.0.1:0 -db "$work/opik.db" >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
	url=$(sed -n 's/.*OPIK_URL_OVERRIDE=//p' "$work/out")
	[ -n "$url" ] && break
	sleep 0.1
done
[ -n "$url" ] || { echo "opik-local did not start" >&2; cat "$work/log" >&2; exit 1; }

BASE=${url%/api} DEMO="$work/quickstart" OPIK_URL_OVERRIDE=$url OPENAI_API_KEY='' node "$cache/page.mjs"
