#!/usr/bin/env bash
# test.sh: what the scripts of this folder say of edits whose effect is known.
# `make check-tools` sets the tools.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# expect NAME STATUS TEXT COMMAND...: COMMAND ends in STATUS and says each line of TEXT.
expect() {
  local name=$1 status=$2 text=$3 got=0 line
  shift 3
  "$@" >"$tmp/out" 2>&1 || got=$?
  if [ "$got" -ne "$status" ]; then
    echo "FAIL $name: exit status $got, want $status" && cat "$tmp/out" && failed=1 && return
  fi
  while IFS= read -r line; do
    if ! grep -qF -- "$line" "$tmp/out"; then
      echo "FAIL $name: does not say: $line" && cat "$tmp/out" && failed=1 && return
    fi
  done <<<"$text"
  echo "ok   $name"
}

upstream() { bash "$here/upstream.sh" "$tmp/published.yaml"; }
# published PATTERN REPLACEMENT: the stand-in with an edit, which has to be one.
published() {
  sed -E "s/$1/$2/" "$here/testdata/published.yaml" >"$tmp/published.yaml"
  ! cmp -s "$here/testdata/published.yaml" "$tmp/published.yaml" || { echo "FAIL: nothing is like $1"; exit 1; }
}

cp "$here/testdata/published.yaml" "$tmp"
expect "upstream: the stand-in" 0 "upstream: no news" upstream
published 'enum: \[active, disabled, expired\]' 'enum: [active, disabled, expired, paused]'
expect "upstream: a new status" 3 $'`paused`\nGET /user/tokens/verify, GET /user/tokens/{token_id}\nnot explained and 0 no longer so' upstream
published '^  \/user\/tokens\/verify:' '  \/user\/tokens\/check:'
expect "upstream: a path that moved" 3 $'GET /user/tokens/check\nGET /user/tokens/verify' upstream
published 'maxLength: 80' 'maxLength: 90'
expect "upstream: a limit" 3 'increased from `80` to `90`' upstream
published '(iam_token_identifier: .*), readOnly: true' '\1'
expect "upstream: an explanation that is no longer needed" 3 $'No longer so, to be taken out of upstream.yaml:\n`result/id` became read-only' upstream
published '^openapi: .*' 'no document'
expect "upstream: no document" 1 "cannot be read as an OpenAPI document" upstream

# gh, as far as the scripts call it: it says what it was told, and has the open issues
# of $issues.
mkdir "$tmp/bin"
cat >"$tmp/bin/gh" <<'GH'
#!/usr/bin/env bash
if [ "$1 $2" = "issue list" ]; then echo "$issues"; else echo "gh $*"; fi
GH
chmod +x "$tmp/bin/gh"
export PATH="$tmp/bin:$PATH" issues=""
issue() { bash "$here/issue.sh" "$tmp/published.yaml"; }
expect "issue: failure" 1 "cannot be read as an OpenAPI document" issue
published 'maxLength: 80' 'maxLength: 90'
expect "issue: the first news" 0 "gh issue create --title Cloudflare's published document has news" issue
issues=7 expect "issue: news again" 0 "gh issue edit 7 --body-file" issue
cp "$here/testdata/published.yaml" "$tmp"
issues=7 expect "issue: no news any more" 0 "gh issue close 7" issue

git clone -q "$here/../.." "$tmp/clone"
cd "$tmp/clone"
expect "breaking: nothing" 0 "breaking: nothing" bash "$here/breaking.sh" HEAD
sed -i '/^    ResponseInfo:/,/^    [A-Z]/{/documentation_url:/{n;s/string/integer/}}' openapi.yaml
go generate ./...
GITHUB_ACTIONS=true expect "breaking: the type of a property" 1 \
  $'::error file=openapi.yaml::the `errors/items/documentation_url`\n::error title=Go API::./gen.ResponseInfo.DocumentationURL\n`errors/items/documentation_url` response\'s property `type` changed from `string` to `integer`\ngen.ResponseInfo.DocumentationURL: changed from string to int\nbreaking: the document and the Go API' \
  bash "$here/breaking.sh" HEAD
git checkout -q .
sed -i '/^    ResultInfo:/,/^    [A-Z]/{/^        page:/{n;s/integer/string/}}' openapi.yaml
go generate ./...
expect "breaking: a type that the wrapper computes with" 1 \
  $'The module does not compile\nResultInfo.Page: changed from int to string\nbreaking: the document and the Go API' \
  bash "$here/breaking.sh" HEAD
git checkout -q .
sed -i '/^    ResponseInfo:/,/^    [A-Z]/s/^        documentation_url:/        severity: {type: string}\n&/' openapi.yaml
go generate ./...
expect "breaking: a new property" 0 $'gen.ResponseInfo.Severity: added\nbreaking: nothing' bash "$here/breaking.sh" HEAD
git checkout -q .
printf '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-23\n\n- Newest.\n\n## [1.1.0] - 2026-11-22\n\n- Old.\n' >CHANGELOG.md
expect "release: the newest version" 0 $'gh release create v1.2.0 --verify-tag --title v1.2.0\n- Newest.' bash "$here/release.sh" v1.2.0
expect "release: another version" 1 "the newest version in CHANGELOG.md is 1.2.0, the tag is v1.1.0" bash "$here/release.sh" v1.1.0
exit "$failed"
