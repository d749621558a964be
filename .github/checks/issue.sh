#!/usr/bin/env bash
# issue.sh TITLE COMMAND...: runs COMMAND and keeps one open GitHub issue titled TITLE with
# its output, using gh. If COMMAND exits with status 3, the issue is created or updated;
# if it exits with status 0, the issue is closed. An issue that a person opened stays as
# it is.
set -euo pipefail
title=${1:?usage: issue.sh TITLE COMMAND...}
shift
report=$(mktemp)
trap 'rm -f "$report"' EXIT

status=0
"$@" >"$report" || status=$?
cat "$report"
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
number=$(gh issue list --app github-actions --state open --search "in:title \"$title\"" --json number --jq '.[0].number // empty')
if [ "$status" -eq 3 ] && [ -n "$number" ]; then
  gh issue edit "$number" --body-file "$report"
elif [ "$status" -eq 3 ]; then
  gh issue create --title "$title" --body-file "$report"
elif [ -n "$number" ]; then
  gh issue close "$number" --comment "No differences left."
fi
