#!/usr/bin/env bash
# breaking.sh BASE: what changed since the git ref BASE, in openapi.yaml and in the
# exported Go API of every package, breaking changes first. Exit status 1 where one is
# breaking. `make breaking` generates first, and sets the tools.
set -euo pipefail
base=${1:?name a git ref, as in: make breaking BASE=main}
here=$(cd "$(dirname "$0")" && pwd)
module=$(go list -m)
tmp=$(mktemp -d)
trap 'git worktree remove --force "$tmp/base" 2>/dev/null || true; rm -rf "$tmp"' EXIT
git worktree add --quiet --detach "$tmp/base" "$base"

echo "openapi.yaml since $base"
$OASDIFF changelog --allow-external-refs=false --format json "$tmp/base/openapi.yaml" openapi.yaml >"$tmp/changes.json"
$GOJQ -r -L "$here" --from-file "$here/breaking.jq" "$tmp/changes.json" | tee "$tmp/document"

echo
echo "The Go API since $base"
mode=(-m) target=$module
if ! go build ./... 2>"$tmp/errors"; then
  echo "The module does not compile with it; this is package gen, whose types package cftokens takes over."
  sed 's/^/  /' "$tmp/errors"
  mode=() target=$module/gen
fi
(cd "$tmp/base" && $APIDIFF "${mode[@]}" -w "$tmp/base.api" "$target")
$APIDIFF "${mode[@]}" -w "$tmp/api" "$target"
$APIDIFF "${mode[@]}" "$tmp/base.api" "$tmp/api" >"$tmp/go"
[ -s "$tmp/go" ] || echo "No changes." >"$tmp/go"
cat "$tmp/go"

breaking=""
if grep -q '^Breaking changes:' "$tmp/document"; then breaking="the document"; fi
if grep -q '^Incompatible changes:' "$tmp/go"; then breaking="${breaking:+$breaking and }the Go API"; fi
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  # An annotation for each line of what is breaking.
  sed -n '/^Breaking/,/^[CO]/s/^- /::error file=openapi.yaml::/p' "$tmp/document"
  sed -n '/^Incompatible/,/^Compatible/s/^- /::error title=Go API::/p' "$tmp/go"
fi
echo
if [ -n "$breaking" ]; then
  echo "breaking: $breaking"
  exit 1
fi
echo "breaking: nothing"
