#!/usr/bin/env bash
# release.sh TAG: creates a GitHub release of TAG with gh. The notes are the section of its
# version in CHANGELOG.md.
set -euo pipefail
tag=${1:?set TAG to a tag, as in: make release TAG=v0.1.0}
newest=$(sed -nE 's/^## \[([0-9][^]]*)\].*/\1/p' CHANGELOG.md | head -n 1)
[ "$tag" = "v$newest" ] || { echo "release: the newest version in CHANGELOG.md is $newest, the tag is $tag" >&2; exit 1; }
notes=$(awk '/^## \[[0-9]/ { part++; next } part == 1' CHANGELOG.md)
gh release create "$tag" --verify-tag --title "$tag" --notes "$notes"
