# The front door of LMKV. `make help` lists what there is.
#
# On Debian and Ubuntu, and with Homebrew on macOS, every target installs first what it needs and does not find.
# Swift itself must be there: https://www.swift.org/install

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
# Warnings are errors here, and only here: nobody who depends on the package meets this.
STRICT := LMKV_STRICT=1
STORE := .run/store
# By name, since the compiler of Protocol Buffers, which nobody needs here, would take longer than all else.
BENCHMARKS := increments reads operations codec
SOURCES := Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Sources

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## Build for release, run the increments of 8 processes on a store, and look into it with lmkv.
	cd Benchmarks && $(SWIFT) build -c release --product increments
	$(SWIFT) build -c release --product lmkv
	rm -rf .run && mkdir -p .run
	Benchmarks/.build/release/increments --processes 8 --seconds 1 --rounds 3 --durability full --store .run/full
	Benchmarks/.build/release/increments --processes 8 --seconds 1 --rounds 3 --durability relaxed --store .run/relaxed
	@bash scripts/show-store .build/release/lmkv .run

.PHONY: test
test: setup test-setup ## Run all tests.
	$(STRICT) $(SWIFT) build --build-tests
	@$(STRICT) SWIFT="$(SWIFT)" bash scripts/test --skip-build

.PHONY: lint
lint: ## Check the format of the code, without changing it.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

.PHONY: format
format: ## Format the code.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

.PHONY: bench
bench: bench-setup ## Measure increments, reads, other operations and the codec beside rivals, and check the goals.
	cd Benchmarks && for product in $(BENCHMARKS); do $(SWIFT) build -c release --product $$product; done
	Benchmarks/.build/release/increments --goals
	Benchmarks/.build/release/increments --processes 8 --durability full
	Benchmarks/.build/release/increments --processes 1 --durability full
	Benchmarks/.build/release/increments --processes 8 --durability relaxed
	Benchmarks/.build/release/increments --processes 1 --durability relaxed
	Benchmarks/.build/release/reads
	Benchmarks/.build/release/operations
	Benchmarks/.build/release/codec

.PHONY: torture
torture: setup test-setup ## Kill whoever uses stores, then let the power fail: SECONDS=60 SEED=… IMAGES=…
	@bash scripts/torture --seconds $(or $(SECONDS),60) $(if $(SEED),--seed $(SEED)) $(if $(IMAGES),--images $(IMAGES))

.PHONY: soak
soak: setup test-setup ## Live a long service life in a short time, and see that nothing grows: SECONDS=600 SEED=…
	@bash scripts/soak --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

.PHONY: power-cut
power-cut: setup power-cut-setup ## Cut the power below real file systems: CUTS=300 SEED=… FS=ext4 MODE=full BOOT=same
	@bash scripts/power-cut --cuts $(or $(CUTS),300) $(if $(SEED),--seed $(SEED)) $(if $(FS),--fs $(FS)) \
	  $(if $(MODE),--mode $(MODE)) $(if $(BOOT),--boot $(BOOT))

.PHONY: docs
docs: setup ## Check the links of the documentation.
	@bash scripts/check-docs

.PHONY: setup
setup:
	@bash scripts/setup build

.PHONY: bench-setup
bench-setup:
	@bash scripts/setup bench

.PHONY: test-setup
test-setup:
	@bash scripts/setup test

.PHONY: power-cut-setup
power-cut-setup:
	@bash scripts/setup power-cut

.PHONY: clean
clean: ## Remove everything that was built.
	rm -rf .build Benchmarks/.build .run
