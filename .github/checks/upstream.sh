#!/usr/bin/env bash
# upstream.sh SPEC: how Cloudflare's published document (a file or a URL) differs from
# openapi.yaml in the operations under /user/tokens. What upstream.yaml does not
# explain is news, and so is what it explains but is no longer so; either gives exit
# status 3. `make upstream` sets the tools.
set -euo pipefail
spec=${1:?name a file or a URL of the published document, as in: make upstream SPEC=openapi.yaml}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

case $spec in
http://* | https://*) curl --fail --silent --show-error --location --retry 3 --output "$tmp/spec" "$spec" ;;
*) cp "$spec" "$tmp/spec" ;;
esac

$GOJQ --yaml-input --from-file "$here/reduce.jq" openapi.yaml >"$tmp/ours.json"
$GOJQ --yaml-input --from-file "$here/reduce.jq" "$tmp/spec" >"$tmp/theirs.json" ||
  { echo "upstream: $spec cannot be read as an OpenAPI document" >&2; exit 1; }
$GOJQ --yaml-input . "$here/upstream.yaml" >"$tmp/known.json"
$OASDIFF changelog --flatten-allof --flatten-params --allow-external-refs=false --format json \
  "$tmp/ours.json" "$tmp/theirs.json" >"$tmp/changes.json"
$GOJQ -r -L "$here" --slurpfile known "$tmp/known.json" --from-file "$here/upstream.jq" "$tmp/changes.json" | tee "$tmp/report"
grep -qx "upstream: no news" "$tmp/report" || exit 3
