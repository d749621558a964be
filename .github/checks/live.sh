#!/usr/bin/env bash
# live.sh: prints how the live API differs from openapi.yaml. The exit status is 3 if it
# differs, and another if the check fails, for example because the token has expired.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

status=0
make --no-print-directory contract-live REPORT="$tmp/report" >&2 || status=$?
grep -q "^The live API differs" "$tmp/report" 2>/dev/null || exit "$status"
cat "$tmp/report"
exit 3
