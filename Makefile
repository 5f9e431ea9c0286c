# make help prints the targets from the comments behind them.

GO ?= go
# Each module is built with the versions of its own go.mod, as its users build it; go.work is for editors and for go run.
export GOWORK := off
# The race detector needs a C compiler. The go command sets CGO_ENABLED to 0 where it finds none.
RACE := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)
# The demo prints its trace unless the environment names an Opik to send it to.
DEMO_SINK := $(or $(OPIK_SINK),$(if $(OPIK_URL_OVERRIDE)$(OPIK_API_KEY),opik,console))

# Five rounds and not five times each benchmark, so that what else the machine does meets all of them.
ROUNDS := for round in 1 2 3 4 5; do $(GO) test -run '^$$' -bench . . ./streams; done | tee /dev/stderr

.DEFAULT_GOAL := all

.PHONY: all
all: test lint ## test, then lint

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## generate the quickstart's wrappers, run it, and show its trace
	@$(GO) generate ./examples/quickstart
	@OPIK_SINK=$(DEMO_SINK) $(GO) run ./examples/quickstart
	@echo "make local shows the same trace in a browser, with opik-local: see local/README.md" >&2

.PHONY: local
local: ## run the demo against opik-local, print its trace's address, and serve until Ctrl-C
	@$(GO) generate ./examples/quickstart
	@cd local && OPIK_SINK=opik $(GO) run ./cmd/opik-local run -- $(GO) -C .. run ./examples/quickstart

.PHONY: distributed
distributed: ## run a client and a server, and show the one trace that they make
	@$(GO) run ./examples/distributed

.PHONY: test
test: ## run all tests, with the race detector where there is a C compiler
	@test -n "$(RACE)" || echo "no C compiler was found: testing without the race detector"
	$(GO) vet ./...
	$(GO) test $(RACE) -timeout 10m ./...
	cd bench && $(GO) test -timeout 2m ./generate ./table

# golangci-lint, pinned. The go command builds it on first use.
LINT := $(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run ./...

.PHONY: lint
lint: ## run the linters; the targets below run them on modules with dependencies of their own
	$(LINT)
	cd bench && $(LINT)
	$(GO) run ./cmd/opikgen -check ./...
	$(GO) run ./cmd/opikgen vet ./...

.PHONY: generate
generate: ## regenerate wrappers and the README's tables
	$(GO) generate ./...
	$(GO) test . -run '^TestReadme$$' -update

.PHONY: golden
golden: ## record the golden cases anew; only what compiles and vets is written
	$(GO) test ./generator -run '^TestGolden' -update

.PHONY: bench
bench: ## run the benchmarks, and show the runtime's beside OpenTelemetry's
	$(GO) test -run '^$$' -bench . -benchmem ./...
	cd bench && $(ROUNDS) | $(GO) run ./table

.PHONY: figures
figures: ## measure anew what bench/README.md says of the runtime
	cd bench && $(ROUNDS) | $(GO) run ./table -w README.md

.PHONY: figures-generate
figures-generate: ## measure anew what bench/README.md says of generating; mockery and gowrap are taken from PATH
	cd bench && $(GO) run ./generate -w README.md

.PHONY: figures-http
figures-http: ## measure anew what bench/README.md says of opikhttp
	cd bench && $(GO) run ./http -w README.md

# The modules that have dependencies of their own, and are not in ./...
MODULES := runtime/grpc runtime/otel interop local

.PHONY: modules
modules: ## test and lint the modules for gRPC and OpenTelemetry, opik-local, interop as far as it needs no SDK, and go.work
	@for module in $(MODULES); do ( cd $$module && \
		$(GO) vet ./... && \
		$(GO) test $(RACE) -timeout 10m ./... && \
		$(LINT) ) || exit 1; done
	GOWORK=$(CURDIR)/go.work $(GO) build -o /dev/null ./cmd/opikgen ./local/cmd/opik-local ./examples/openai

.PHONY: interop
interop: interop-tools ## prove with Opik's Python and TypeScript SDKs, and a browser, that all sides understand each other
	cd interop && $(GO) vet ./... && $(GO) test -timeout 5m ./...
	INTEROP_CACHE=$(SDKS) PYTHON=$(CURDIR)/interop/python/.venv/bin/python local/interop/run.sh
	$(MAKE) browser

# Where the SDKs of other languages are kept. Nothing of it is committed.
SDKS := $(CURDIR)/interop/.sdks

.PHONY: interop-tools
interop-tools: ## install what interop needs from the registries of Python and npm
	test -x interop/python/.venv/bin/python || python3 -m venv interop/python/.venv
	interop/python/.venv/bin/pip install --quiet --disable-pip-version-check -r interop/python/requirements.txt -r local/interop/python/requirements.txt
	cd interop/typescript && npm install --no-audit --no-fund --no-package-lock

.PHONY: sdk
sdk: ## wrap real SDKs and compile the result
	cd testdata/sdk && $(GO) vet ./... && $(GO) test ./... && $(LINT)
	cd testdata/sdk/genkit && $(GO) vet ./... && $(GO) test ./... && $(LINT)
	cd bench && $(GO) vet ./streams && $(GO) test ./streams

# The examples that have dependencies of their own, and are not in ./...
EXAMPLES := $(patsubst %/go.mod,%,$(wildcard examples/*/go.mod))

.PHONY: examples
examples: ## vet and test the examples on real SDKs, and check their wrappers
	@for module in $(EXAMPLES); do ( cd $$module && \
		$(GO) vet ./... && $(GO) test -timeout 5m ./... && $(GO) tool opikgen -check ./... && $(LINT) ) || exit 1; done

.PHONY: browser
browser: ## open opik-local's page in a headless Chromium
	BROWSER_CACHE=$(SDKS)/browser local/browser/run.sh
