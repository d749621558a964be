#!/usr/bin/env bash
# upstream.sh SPEC: how the operations on API tokens differ in Cloudflare's published
# document (a file or a URL) from openapi.yaml. A difference that upstream.yaml does not
# explain is news, and so is one that it explains but is no longer present; both give
# exit status 3. `make upstream` sets the tools.
set -euo pipefail
spec=${1:?name a file or a URL of the published document, as in: make upstream SPEC=openapi.yaml}
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

case $spec in
http://* | https://*) curl --fail --silent --show-error --location --retry 3 --output "$tmp/spec" "$spec" ;;
*) cp "$spec" "$tmp/spec" ;;
esac

format=--yaml-input
if [[ $(head -c 100 "$tmp/spec" | tr -d '[:space:]') == '{'* ]]; then format=--raw-output; fi
$GOJQ --yaml-input --from-file "$here/reduce.jq" openapi.yaml >"$tmp/ours.json"
$GOJQ "$format" --from-file "$here/reduce.jq" "$tmp/spec" >"$tmp/theirs.json" ||
  { echo "upstream: $spec cannot be read as an OpenAPI document" >&2; exit 1; }
$GOJQ --yaml-input . "$here/upstream.yaml" >"$tmp/known.json"
$OASDIFF diff --flatten-allof --flatten-params --allow-external-refs=false --format json \
  --exclude-elements description,examples,extensions,summary,tags,title "$tmp/ours.json" "$tmp/theirs.json" >"$tmp/diff.json"
$GOJQ -r --slurpfile known "$tmp/known.json" --slurpfile ours "$tmp/ours.json" --slurpfile theirs "$tmp/theirs.json" \
  --from-file "$here/upstream.jq" "$tmp/diff.json" | tee "$tmp/report"
grep -qx "upstream: no news" "$tmp/report" || exit 3
