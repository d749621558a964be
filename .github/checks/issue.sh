#!/usr/bin/env bash
# issue.sh TITLE COMMAND...: runs a command whose exit status 3 means that it reports
# something, and keeps one open issue of that title with its report, with gh. If there
# is nothing to report, the issue is closed.
set -euo pipefail
title=${1:?name the title of the issue, and a command}
shift
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
"$@" >"$report" || status=$?
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
