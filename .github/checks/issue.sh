#!/usr/bin/env bash
# issue.sh SPEC: runs upstream.sh, and keeps one open issue of its news, with gh.
# Without news the issue is closed. `make upstream-issue` sets the tools.
set -euo pipefail
spec=${1:?name a file or a URL of the published document}
here=$(cd "$(dirname "$0")" && pwd)
title="Cloudflare's published document has news"
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
bash "$here/upstream.sh" "$spec" >"$report" || status=$?
cat "$report"
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
number=$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number // empty')
if [ "$status" -eq 3 ] && [ -n "$number" ]; then
  gh issue edit "$number" --body-file "$report"
elif [ "$status" -eq 3 ]; then
  gh issue create --title "$title" --body-file "$report"
elif [ -n "$number" ]; then
  gh issue close "$number" --comment "No differences left."
fi
