.DEFAULT_GOAL := help
.PHONY: help run test check fmt bench chaos coverage services-up services-down

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## build Daybook and start it (needs Rust, C and C++ compilers, nothing else)
	cargo build --release --locked --package daybook
	exec "$${CARGO_TARGET_DIR:-target}/release/daybook" serve

test: ## all tests, on every engine this machine can have
	@scripts/test

check: ## layout, lints, dependencies
	@scripts/check

fmt: ## lay out the code
	cargo fmt --all

bench: ## measure the house and print ratios
	@bench/run

chaos: ## the long proofs: kill -9, power loss, races
	cargo test --workspace --release --locked --tests -- --ignored chaos

coverage: ## line coverage of all tests
	@scripts/coverage

services-up: ## PostgreSQL, MariaDB and Redis to play with; prints where they are
	@scripts/services up

services-down: ## stop them and remove their data
	@scripts/services down --wipe
