# Every way to work on this repository. CI runs these targets and nothing else.

GO ?= go
SHELL := /bin/bash

# Tools run at these versions and stay out of go.mod.
ACTIONLINT := $(GO) run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
APIDIFF := $(GO) run golang.org/x/exp/cmd/apidiff@v0.0.0-20261014143641-f0251eb4aa3e
BENCHSTAT := $(GO) run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
GOJQ := $(GO) run github.com/itchyny/gojq/cmd/gojq@v0.12.19
GOLANGCI_LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0
OASDIFF := $(GO) run github.com/oasdiff/oasdiff@v1.36.0
OGEN := $(GO) run github.com/ogen-go/ogen/cmd/ogen@v1.24.0
export APIDIFF GOJQ OASDIFF OGEN

# The others are apart so that what they need is in nobody's module graph.
MODULES := . wrapper/bench wrapper/testdata/consumer

.DEFAULT_GOAL := help

##@ Use

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## a token's life on the embedded fake of the API, no account needed
	@$(GO) run ./wrapper/examples/lifecycle

##@ Check

.PHONY: test
test: ## every test, with the race detector where a C compiler exists
	$(GO) test $(RACE) ./...

.PHONY: consumer
consumer: ## a module of somebody else's: builds, runs, compiles little, and is the README's program
	$(GO) test -count=1 -v -run '^Test(Consumer|README)' ./wrapper

.PHONY: examples
examples: ## the programs in wrapper/examples, each run on the fake
	$(GO) test -count=1 ./wrapper/examples/...

.PHONY: contract
contract: ## openapi.yaml against the recorded answers, the wrapper and the fake
	@set -o pipefail; $(GO) test -count=1 -v ./contract_test | grep -v '^=== '

.PHONY: contract-coverage
contract-coverage: ## which recording shows which property, as a table
	$(GO) test -count=1 -v -run '^TestCoverage$$' ./contract_test -args -coverage.table

.PHONY: contract-live
contract-live: ## the live API against openapi.yaml, with CLOUDFLARE_API_TOKEN; reads only; differences also to REPORT
	@$(GO) test -count=1 -v -run '^TestLive$$' ./contract_test -args -live -live.report='$(REPORT)'

.PHONY: contract-live-issue
contract-live-issue: ## contract-live, and one issue on GitHub with its report
	@bash .github/checks/issue.sh "The live API differs from openapi.yaml" bash .github/checks/live.sh

FUZZTIME ?= 10s
.PHONY: fuzz
fuzz: ## every fuzz test for FUZZTIME each (10s)
	@set -e; for pkg in $$($(GO) list ./...); do \
		for name in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "fuzz $$name in $$pkg for $(FUZZTIME)"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

CALLS ?= 50000
.PHONY: soak
soak: ## CALLS calls (50000) by many goroutines over a network that fails
	$(GO) test $(RACE) -count=1 -v -run '^(TestSoak|TestClient_LostResponses|TestAll_Memory)$$' -timeout 20m ./wrapper -args -soak.calls=$(CALLS)

GENERATED := gen wrapper/types.gen.go

.PHONY: check-generate
check-generate: generate ## fail if generated code is not what openapi.yaml generates
	@test -z "$$(git status --porcelain -- $(GENERATED))" || \
		{ git --no-pager diff --stat -- $(GENERATED); git status --short -- $(GENERATED); echo 'generated code differs from what openapi.yaml generates: run make generate and commit'; exit 1; }

.PHONY: check-format
check-format: ## fail where gofmt would change a file
	@test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }

.PHONY: vet
vet: ## go vet
	$(GO) vet ./...

.PHONY: lint
lint: ## golangci-lint, by the list in .golangci.yml, and actionlint
	$(GOLANGCI_LINT) run ./...
	cd wrapper/bench && $(GOLANGCI_LINT) run ./...
	$(ACTIONLINT)

.PHONY: check-tidy
check-tidy: ## fail where a go.mod or go.sum is not tidy
	@set -e; for module in $(MODULES); do (set -x; cd $$module && $(GO) mod tidy -diff); done

.PHONY: vulncheck
vulncheck: ## known vulnerabilities in what is compiled
	$(GOVULNCHECK) ./...

.PHONY: spec-readers
spec-readers: ## that ogen, another generator, reads openapi.yaml, and its client the fake
	@bash .github/checks/readers.sh

.PHONY: breaking
breaking: generate ## what changed since BASE in openapi.yaml and the Go API; fail where it breaks users
	@bash .github/checks/breaking.sh "$$BASE"

.PHONY: upstream
upstream: ## how SPEC, Cloudflare's published document (a file or URL), differs; fail on unexplained differences
	@bash .github/checks/upstream.sh "$$SPEC"

.PHONY: upstream-issue
upstream-issue: ## upstream, and one issue on GitHub with its report
	@bash .github/checks/issue.sh "Cloudflare's published document has news" bash .github/checks/upstream.sh "$$SPEC"

.PHONY: check-tools
check-tools: ## that breaking, upstream, contract-live, the issues of these two, and release do what they should
	@bash .github/checks/test.sh

##@ Measure

COUNT ?= 20
BENCHTIME ?= 50ms
TOOLCHAINS ?= $(shell $(GO) env GOVERSION)
.PHONY: bench
bench: ## this client compared with cloudflare-go and a baseline; COUNT rounds (20) on each of TOOLCHAINS ("go1.26.8 go1.27.4")
	@GO='$(GO)' BENCHSTAT='$(BENCHSTAT)' COUNT='$(COUNT)' BENCHTIME='$(BENCHTIME)' TOOLCHAINS='$(TOOLCHAINS)' bash wrapper/bench/bench.sh

.PHONY: bench-size
bench-size: ## what importing this client adds to a program, compared with cloudflare-go
	@GO='$(GO)' bash wrapper/bench/size.sh

.PHONY: bench-check
bench-check: ## check the results of what is measured, and run each benchmark once
	cd wrapper/bench && $(GO) test -bench . -benchtime 1x .

##@ Change

.PHONY: record
record: ## new recordings from the live API, with CLOUDFLARE_API_TOKEN; review them before you commit
	$(GO) test -count=1 -v -run '^TestRecorder$$' ./contract_test -args -record.live

.PHONY: generate
generate: ## regenerate gen/ and wrapper/types.gen.go from openapi.yaml
	$(GO) generate ./...

.PHONY: release
release: ## a release on GitHub of TAG, with the notes from CHANGELOG.md
	@bash .github/checks/release.sh "$$TAG"

.PHONY: tidy
tidy: ## go mod tidy, for every module
	@set -e; for module in $(MODULES); do (set -x; cd $$module && $(GO) mod tidy); done

# The race detector needs cgo and a C compiler.
RACE := $(shell test "$$($(GO) env CGO_ENABLED)" = 1 && command -v $$($(GO) env CC) >/dev/null 2>&1 && echo -race)
