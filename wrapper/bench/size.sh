#!/usr/bin/env bash
# size.sh: what importing this client adds to a program of one call, compared with cloudflare-go, as a Markdown table.
set -euo pipefail
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

$GO build -trimpath -ldflags='-s -w' -o "$tmp/" ./size/...
base=$(wc -c <"$tmp/nethttp")
# row PROGRAM NAME
row() {
  local size packages modules
  size=$(wc -c <"$tmp/$1")
  packages=$($GO list -deps "./size/$1" | wc -l)
  modules=$($GO list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' "./size/$1" | sort -u | wc -l)
  awk "BEGIN { printf \"| $2 | %.2f | %+.2f | $packages | $modules |\n\", $size / 1e6, ($size - $base) / 1e6 }"
}
$GO version
echo '| a program of one call with | stripped binary, MB | above net/http, MB | compiled packages | modules |'
echo '|---|---|---|---|---|'
row nethttp 'net/http and encoding/json'
row cftokens 'this client'
row cloudflare 'cloudflare-go'
row cloudflareuser 'cloudflare-go, its package user alone'
