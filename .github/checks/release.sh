#!/usr/bin/env bash
# release.sh TAG: makes a release of a tag, with what CHANGELOG.md says of its version
# as the notes, with gh.
set -euo pipefail
tag=${1:?name a tag, as in: make release TAG=v0.1.0}
newest=$(sed -nE 's/^## \[([0-9][^]]*)\].*/\1/p' CHANGELOG.md | head -n 1)
[ "$tag" = "v$newest" ] || { echo "release: the newest version in CHANGELOG.md is $newest, the tag is $tag" >&2; exit 1; }
notes=$(awk '/^## \[[0-9]/ { part++; next } part == 1' CHANGELOG.md)
gh release create "$tag" --verify-tag --title "$tag" --notes "$notes"
