#!/usr/bin/env bash
# breaking.sh BASE: lists the changes since the git ref BASE in openapi.yaml and in the
# exported Go API, except for gen, which has no compatibility guarantee. The exit status
# is 1 if a change is breaking. `make breaking` runs `make generate` first and sets the
# tools.
set -euo pipefail
base=${1:?set BASE to a git ref, as in: make breaking BASE=main}
module=$(go list -m)
tmp=$(mktemp -d)
trap 'git worktree remove --force "$tmp/base" 2>/dev/null || true; rm -rf "$tmp"' EXIT
git worktree add --quiet --detach "$tmp/base" "$base"
breaking=""

# The client accepts values that an enum does not list, so a new one is an addition.
echo "response-property-enum-value-added info" >"$tmp/levels"
changelog() { $OASDIFF changelog --allow-external-refs=false --severity-levels "$tmp/levels" "$@" "$base:openapi.yaml" openapi.yaml; }
# Changes in an allOf are detected only if it is merged, but the line numbers in the
# annotations are right only if it is not.
changelog --flatten-allof --flatten-params --color never >"$tmp/document"
if grep -q '^error' "$tmp/document"; then breaking="the document"; fi
if [ -n "${GITHUB_ACTIONS:-}" ]; then changelog --format githubactions; fi
echo "openapi.yaml since $base"
cat "$tmp/document"

echo
echo "The Go API since $base"
apidiff() { $APIDIFF "$@" 2> >(grep -v '^Ignoring internal package' >&2); }
export GOFLAGS="${GOFLAGS:-} -trimpath" # so that all worktrees share the build cache
mode=(-m) target=$module
if ! $APIDIFF "${mode[@]}" -w "$tmp/api" "$target" 2>"$tmp/errors"; then
  mode=() target=./wrapper/types.gen.go
  [ -e "$tmp/base/$target" ] || target=$module/gen
  echo "The module does not compile with the new types; comparing only the types in $target."
  sed '/^exit status/d; /^Ignoring/d; s/^/  /' "$tmp/errors"
  apidiff -w "$tmp/api" "$target"
fi
(cd "$tmp/base" && apidiff "${mode[@]}" -w "$tmp/base.api" "$target")
# Changes in gen do not count, and a heading without changes is left out.
apidiff "${mode[@]}" "$tmp/base.api" "$tmp/api" | awk '/:$/ { heading = $0; next } /^- \.\/gen[.:]/ { next } heading { print heading; heading = "" } 1' >"$tmp/go"
grep . "$tmp/go" || echo "No changes detected"
broken=$(sed -n '/^Incompatible/,/^Compatible/s/^- //p' "$tmp/go")
if [ -n "$broken" ]; then
  breaking="${breaking:+$breaking and }the Go API"
  if [ -n "${GITHUB_ACTIONS:-}" ]; then sed 's/^/::error title=Go API::/' <<<"$broken"; fi
fi

echo
echo "breaking: ${breaking:-nothing}"
[ -z "$breaking" ]
