#!/usr/bin/env bash
# peers.sh: takes a user token and an account token through their lives on the fake with
# Cloudflare's SDK for TypeScript, which is installed once into a temporary directory.
# cloudflare-go does the same in `make bench-check`. `make peers` sets the version.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sdk=cloudflare@${CLOUDFLARE_TYPESCRIPT:?}
for tool in npm node; do
  command -v "$tool" >/dev/null || { echo "peers: $sdk was left out, because there is no $tool"; exit 0; }
done
tmp=$(mktemp -d)
trap 'kill "$fake" 2>/dev/null || true; rm -rf "$tmp"' EXIT
fake=

cache=${TMPDIR:-/tmp}/cftokens-peers-$UID-$sdk
if [[ ! -O $cache ]]; then
  npm install --prefix "$tmp/sdk" --silent --no-audit --no-fund --ignore-scripts "$sdk"
  mv "$tmp/sdk" "$cache"
fi
go build -o "$tmp/fakeapi" ./wrapper/examples/fakeapi
"$tmp/fakeapi" -account eb78d65290b24279ba6f44721b3ea3c4 >"$tmp/environment" &
fake=$!
until grep -qs CLOUDFLARE_ACCOUNT_ID "$tmp/environment"; do kill -0 "$fake"; sleep 0.1; done
# shellcheck source=/dev/null
source "$tmp/environment"
# An import is resolved from the folder of the program.
cp "$here/testdata/peer.mjs" "$cache/peer.mjs"
node "$cache/peer.mjs"
echo "peers: $sdk works with the fake"
