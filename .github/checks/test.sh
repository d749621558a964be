#!/usr/bin/env bash
# test.sh: tests the scripts in this folder on edits with a known effect. `make check-tools`
# sets the tools.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# expect NAME STATUS TEXT COMMAND...: COMMAND exits with STATUS and prints each line of TEXT.
expect() {
  local name=$1 status=$2 text=$3 got=0 line
  shift 3
  "$@" >"$tmp/out" 2>&1 || got=$?
  if [ "$got" -ne "$status" ]; then
    echo "FAIL $name: exit status $got, want $status" && cat "$tmp/out" && failed=1 && return
  fi
  while IFS= read -r line; do
    if ! grep -qF -- "$line" "$tmp/out"; then
      echo "FAIL $name: output does not contain: $line" && cat "$tmp/out" && failed=1 && return
    fi
  done <<<"$text"
  echo "ok   $name"
}

# Each tool is built once.
for tool in APIDIFF GOJQ OASDIFF; do
  package=${!tool##* }
  GOBIN=$tmp/bin go install "$package"
  declare -x "$tool=$tmp/bin/$(basename "${package%@*}")"
done

upstream() { bash "$here/upstream.sh" "$tmp/published.yaml"; }
# published SED: writes the stand-in with an edit, which must change something.
published() {
  sed -E "$1" "$here/testdata/published.yaml" >"$tmp/published.yaml"
  ! cmp -s "$here/testdata/published.yaml" "$tmp/published.yaml" || { echo "FAIL: no effect: $1"; exit 1; }
}
# differs NAME SED TEXT: after the edit, the report contains each line of TEXT.
differs() { published "$2" && expect "upstream: $1" 3 "$3" upstream; }

cp "$here/testdata/published.yaml" "$tmp"
expect "upstream: the stand-in" 0 "upstream: no news" upstream
$GOJQ --yaml-input --tab . "$here/testdata/published.yaml" | sed 's/\/user/\\u002fuser/' >"$tmp/published.yaml"
expect "upstream: the stand-in in JSON" 0 "upstream: no news" upstream
differs "a new property of a token" '/^    iam_token_base:/,/properties:/s/properties:/&\n        owner: {type: string}/' \
  $'- responses/200/result/properties added owner\n- responses/200/result/items/properties added owner\n- requestBody/properties added owner\n  GET /accounts/{account_id}/tokens, GET /user/tokens\nupstream: 10 unexplained differences, 0 stale entries'
differs "a new status" 's/enum: \[active, disabled, expired/&, paused/' \
  $'- responses/200/result/status/enum added paused\nGET /user/tokens/verify, GET /user/tokens/{token_id}\n- requestBody/status/enum added paused'
differs "a higher limit of per_page" 's/maximum: 50/maximum: 100/' $'- parameters/query/per_page max: unset -> 100\n  GET /accounts/{account_id}/tokens, GET /user/tokens'
differs "a removed parameter" '/^ *- .*iam_include_expired/d' \
  $'- parameters/deleted query include_expired\n  GET /accounts/{account_id}/tokens, GET /user/tokens\nupstream: 2 unexplained differences, 0 stale entries'
differs "a new path below tokens" 's/^  \/user\/tokens\/verify:/  \/user\/tokens\/{token_id}\/usage: {get: {responses: {}}}\n&/' $'- path added\n  /user/tokens/{token_id}/usage'
differs "a new path elsewhere" 's/^  \/user\/tokens\/verify:/  \/organizations\/{id}\/tokens: {get: {responses: {}}}\n&/' $'- path added\n  /organizations/{id}/tokens'
differs "a new operation" 's/^  \/user\/tokens\/verify:/&\n    post: {responses: {}}/' $'- operation added\n  POST /user/tokens/verify'
differs "another base URL" 's/client\/v4/client\/v5/' $'- servers https://api.cloudflare.com/client/v4 -> https://api.cloudflare.com/client/v5\n  every operation'
differs "a path that moved" 's/^  (\/user\/tokens\/)verify:/  \1check:/' $'- path added\n  /user/tokens/check\n- path deleted\n  /user/tokens/verify\nupstream: 2 unexplained differences, 0 stale entries'
differs "a longer value" 's/maxLength: 80/maxLength: 90/' $'- responses/200/result/value maxLength: 80 -> 90\n- responses/200/result maxLength: 80 -> 90\n  PUT /accounts/{account_id}/tokens/{token_id}/value, PUT /user/tokens/{token_id}/value'
differs "a new required property of create" '/^    iam_create_payload:/,/required:/{s/properties:/&\n        reason: {type: string}/;s/required: \[name/&, reason/}' \
  $'- requestBody/properties added reason\n- requestBody/required added reason\n  POST /accounts/{account_id}/tokens, POST /user/tokens'
differs "a new category" 's/account_and_billing, other/&, quantum/' $'- responses/200/result/items/category/enum added quantum\n  GET /accounts/{account_id}/tokens/permission_groups'
differs "other permission groups" '/^  \/user\/tokens:/,/^    post:/s/\[API Tokens Write, API Tokens Read/[API Tokens Read, API Tokens Admin/' \
  $'- securityRequirements/x-api-token-group/http bearer added API Tokens Admin\n- securityRequirements/x-api-token-group/http bearer deleted API Tokens Write\n  GET /user/tokens\nupstream: 2 unexplained differences'
published 's/\[API Tokens Write, API Tokens Read/[API Tokens Read, API Tokens Write/'
expect "upstream: permission groups in another order" 0 "upstream: no news" upstream
differs "a null that the published document allows now" '/^    iam_token_verify/,/expires_on/s/(expires_on: ).*/\1{type: string, format: date-time, nullable: true}/' \
  $'Explained but no longer present (stale entries, remove from upstream.yaml):\n- responses/200/result/expires_on nullable: true -> false\n  GET /accounts/{account_id}/tokens/verify, GET /user/tokens/verify\nupstream: 0 unexplained differences, 2 stale entries'
differs "a null in one operation" '/^  \/user\/tokens:/,/requestBody/s/\{\$ref: .*iam_create_payload.\}/{type: object, required: [name, policies], properties: {name: {$ref: "#\/components\/schemas\/iam_name"}, policies: {$ref: "#\/components\/schemas\/iam_token_policies"}, condition: {$ref: "#\/components\/schemas\/iam_condition"}, not_before: {$ref: "#\/components\/schemas\/iam_not_before"}, expires_on: {type: string, format: date-time, nullable: true}}}/' \
  $'- requestBody/expires_on nullable: false -> true\n  POST /user/tokens\nupstream: 1 unexplained differences, 0 stale entries'
differs "a form of resources" '/^    iam_resources_type_object_string:/s/type: string/type: boolean/' $'- requestBody/policies/items/resources/oneOf added {"additionalProperties":{"type":"boolean"},"type":"object"}'
differs "a 5XX without a body" '/^  \/user\/tokens\/verify:/,/responses:/s/responses: \{/&5XX: {description: Failure}, /' \
  $'- responses/5XX/content deleted application/json\n- responses deleted 5XX\n  GET /user/tokens/verify'
differs "an explained property that is gone" '/^    iam_token_base:/,/^    [a-z_]*:$/{/last_used_on/d}' $'- responses/200/result/properties deleted last_used_on\n- requestBody/properties added last_used_on'
published 's/^openapi: .*/not a document/'
expect "upstream: not a document" 1 "cannot be read as an OpenAPI document" upstream
echo '{"components":{"securitySchemes":{}},"servers":[],"paths":{"/zones":{}}}' >"$tmp/published.yaml"
expect "upstream: another document" 1 "has no operation on API tokens" upstream
: >"$tmp/published.yaml"
expect "upstream: an empty file" 1 "published.yaml is empty" upstream
published 's/^openapi: .*/not a document/'

# A stand-in for gh that prints its arguments. $issues is the number of the open issue.
cat >"$tmp/bin/gh" <<'GH'
#!/usr/bin/env bash
if [ "$1 $2 $3 $4" = "issue list --app github-actions" ]; then echo "$issues"; else echo "gh $*"; fi
GH
chmod +x "$tmp/bin/gh"
export PATH="$tmp/bin:$PATH" issues=""
issue() { bash "$here/issue.sh" "Cloudflare's published document differs from openapi.yaml" bash "$here/upstream.sh" "$tmp/published.yaml"; }
expect "issue: failure" 1 "cannot be read as an OpenAPI document" issue
published 's/maxLength: 80/maxLength: 90/'
expect "issue: a difference" 0 "gh issue create --title Cloudflare's published document differs from openapi.yaml" issue
issues=7 expect "issue: the same difference again" 0 "gh issue edit 7 --body-file" issue
cp "$here/testdata/published.yaml" "$tmp"
issues=7 expect "issue: no differences left" 0 "gh issue close 7 --comment No differences left." issue

git clone -q "$here/../.." "$tmp/clone"
cd "$tmp/clone"

# The fake stands in for the live API.
go build -o "$tmp/bin/fakeapi" ./wrapper/examples/fakeapi
fakeapi -account eb78d65290b24279ba6f44721b3ea3c4 >"$tmp/environment" &
fake=$!
trap 'kill "$fake"; rm -rf "$tmp"' EXIT
until grep -q ACCOUNT_ID "$tmp/environment"; do sleep 0.1; done
live() (
  # shellcheck source=/dev/null
  . "$tmp/environment"
  export CLOUDFLARE_API_TOKEN=${token-$CLOUDFLARE_API_TOKEN}
  make --no-print-directory contract-live-issue
)
expect "live: the host and the report" 0 $'make contract-live: http://127.0.0.1:\nThe live API agrees with openapi.yaml.' \
  bash -c '. "$1" && make --no-print-directory contract-live REPORT="$2" && cat "$2"' _ "$tmp/environment" "$tmp/report"
expect "record: the host" 0 'make record: http://127.0.0.1:' bash -c '. "$1" && make --no-print-directory record' _ "$tmp/environment"
git clean -fdq
issues=8 expect "live: no differences" 0 $'6 responses compared\ngh issue close 8 --comment No differences left.' live
token='' expect "live: no token" 2 "make contract-live needs CLOUDFLARE_API_TOKEN" live
token=$(printf 'x%.0s' {1..40}) expect "live: a token that is rejected" 2 "verifyAccountToken: HTTP 401, code 1000" live
sed -i '/^    PermissionGroup:/,/^    [A-Z]/{/^        description:/s/description/summary/}' openapi.yaml
drift='listAccountPermissionGroups /accounts/{account_id}/tokens/permission_groups: response 200: /result/*/description: is not in the document'
expect "live: a property that is not in the document" 0 "$drift"$'\ngh issue create --title The live API differs from openapi.yaml --body-file' live
issues=8 expect "live: the same difference again" 0 "gh issue edit 8 --body-file" live
git checkout -q .

breaking() { bash "$here/breaking.sh" "$@"; }
expect "breaking: nothing" 0 $'No changes detected\nbreaking: nothing' breaking HEAD
expect "breaking: no ref" 128 "invalid reference: nowhere" breaking nowhere
sed -i 's/exposed)\]/exposed), paused]/; s/RevokedExposed\]/RevokedExposed, Paused]/' openapi.yaml
go generate .
expect "breaking: a new value" 0 $'added the new `paused` enum value\nCompatible changes:\n- ./wrapper.TokenStatusPaused: added\nbreaking: nothing' breaking HEAD
git -c user.name=test -c user.email=test@example.com commit -qam value
git revert --no-commit HEAD && git reset -q
expect "breaking: a removed value" 1 $'removed the `paused` enum value\nIncompatible changes:\n- ./wrapper.TokenStatusPaused: removed\nbreaking: the document and the Go API' breaking HEAD
git reset -q --hard HEAD~1
line=$(awk '/^    PermissionGroup:/ { found = 1 } found && /^        label:/ { print NR; exit }' openapi.yaml)
sed -i "$((line + 2))s/string/integer/; ${line}s/^/        severity: {type: string}\n/" openapi.yaml
go generate .
GITHUB_ACTIONS=true expect "breaking: the type of a property" 1 \
  "file=openapi.yaml,line=$((line + 3)),"$'\n`result/items/label` response\'s property `type` changed from `string` to `integer`\n::error title=Go API::./wrapper.PermissionGroup.Label: changed from string to int\n- ./wrapper.PermissionGroup.Severity: added\nbreaking: the document and the Go API' \
  breaking HEAD
git checkout -q .
sed -i '/^    ResultInfo:/,/^    [A-Z]/{/^        page:/{n;n;s/integer/string/}}' openapi.yaml
go generate .
page=$'The module does not compile\n- ResultInfo.Page: changed from int to string\nbreaking: the document and the Go API'
expect "breaking: the wrapper does not compile" 1 "$page" breaking HEAD
# The public types were once aliases of those in gen.
git rm -q --cached wrapper/types.gen.go
git -c user.name=test -c user.email=test@example.com commit -qm aliases
expect "breaking: the same since a base without types.gen.go" 1 "comparing only the types in github.com/cftokens/cftokens-go/gen."$'\n'"$page" breaking HEAD
git reset -q --hard HEAD~1
printf '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-23\n\n- Newest.\n\n## [1.1.0] - 2026-11-22\n\n- Old.\n' >CHANGELOG.md
expect "release: the newest version" 0 $'gh release create v1.2.0 --verify-tag --title v1.2.0\n- Newest.' bash "$here/release.sh" v1.2.0
expect "release: another version" 1 "the newest version in CHANGELOG.md is 1.2.0, the tag is v1.1.0" bash "$here/release.sh" v1.1.0
exit "$failed"
