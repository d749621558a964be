#!/usr/bin/env bash
# bench.sh: COUNT rounds of all benchmarks on each of TOOLCHAINS, and the ratios. Clients and toolchains take turns, so
# that what slows the machine down for a while slows all of them.
set -euo pipefail
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

for toolchain in $TOOLCHAINS; do
  GOTOOLCHAIN=$toolchain $GO test -c -o "$tmp/$toolchain" .
done
for ((round = 1; round <= COUNT; round++)); do
  for toolchain in $TOOLCHAINS; do
    echo "round $round of $COUNT, $toolchain" >&2
    echo "toolchain: $toolchain" >>"$tmp/results"
    "$tmp/$toolchain" -test.run '^$' -test.bench . -test.benchtime "$BENCHTIME" >>"$tmp/results" || { tail "$tmp/results"; exit 1; }
  done
done

$GO list -m -f '{{.Path}} {{.Version}}' github.com/cloudflare/cloudflare-go/v7
$BENCHSTAT -table toolchain -ignore /gomaxprocs -col '/client@(baseline cloudflare-go cftokens)' "$tmp/results"
$BENCHSTAT -table toolchain -ignore /gomaxprocs -col /tokens -filter .name:All "$tmp/results"
