#!/usr/bin/env bash
# readers.sh: generates a client from openapi.yaml with ogen, a generator that shares no
# code with oapi-codegen, in a module of its own, and calls the fake with it.
# `make spec-readers` sets the tool.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tool=${OGEN##* }
quiet() { "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; return 1; }; }

cp "$here/testdata/reader.go" "$tmp/main.go"
cd "$tmp"
quiet go mod init example.com/reader
go mod edit -replace "github.com/cftokens/cftokens-go=$root"
quiet go get -tool "$tool"
go tool ogen --loglevel warn --clean --package api --target api "$root/openapi.yaml"
quiet go mod tidy
go vet ./...
go run .
echo "spec-readers: ${tool##*/} reads openapi.yaml, and its client reads the fake's responses"
