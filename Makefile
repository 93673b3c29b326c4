# `make test` is everything that CI runs; `make check` is the short way while working.
.DEFAULT_GOAL := help
.PHONY: help test nodes check fmt demo prove openapi soak tools

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## Run every check and test; installs what is missing for them
	@bash tests/all.sh

check: ## The short way: formatting, lints, unit tests
	@cargo fmt --check
	@cargo clippy --all-targets -- -D warnings
	@cargo test --lib --quiet

fmt: ## Format the code
	@cargo fmt

demo: ## Show a running exam with scripted people
	@cargo run --quiet -- demo

nodes: ## Run what holds on every deployment on two nodes over PostgreSQL and NATS
	@bash tests/all.sh nodes

prove: ## Break each law on purpose and see its test fail
	@bash tests/prove.sh

openapi: ## Write openapi/openapi.json anew
	@cargo run --quiet -- openapi > openapi/openapi.json.new
	@mv openapi/openapi.json.new openapi/openapi.json

soak: ## Run the long tests
	@bash tests/soak.sh

tools: ## Install what the tests need, without running them
	@bash tests/tools.sh
