#!/usr/bin/env bash
# upstream.sh SPEC: lists how the operations on API tokens in Cloudflare's published
# document (a file or a URL) differ from openapi.yaml. The exit status is 3 if
# upstream.yaml does not explain a difference, or explains one that is no longer present.
# `make upstream` sets the tools.
set -euo pipefail
spec=${1:?set SPEC to a file or URL of the published document, as in: make upstream SPEC=openapi.json}
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
fail() { echo "upstream: $spec $1" >&2; exit 1; }
[[ -s $tmp/spec ]] || fail "is empty"
$GOJQ "$format" --from-file "$here/reduce.jq" "$tmp/spec" >"$tmp/theirs.json" 2>"$tmp/errors" ||
  { cat "$tmp/errors" >&2; fail "cannot be read as an OpenAPI document"; }
$GOJQ --exit-status '.paths != {}' "$tmp/theirs.json" >"$tmp/has" || fail "has no operation on API tokens"
$GOJQ --yaml-input . "$here/upstream.yaml" >"$tmp/known.json"
$OASDIFF diff --flatten-allof --flatten-params --allow-external-refs=false --format json \
  --exclude-elements description,examples,extensions,summary,tags,title "$tmp/ours.json" "$tmp/theirs.json" >"$tmp/diff.json"
$GOJQ -r --slurpfile known "$tmp/known.json" --slurpfile ours "$tmp/ours.json" --slurpfile theirs "$tmp/theirs.json" \
  --from-file "$here/upstream.jq" "$tmp/diff.json" | tee "$tmp/report"
grep -qx "upstream: no news" "$tmp/report" || exit 3
