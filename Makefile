# Kiosk's commands. `make run` and `make test` set up everything they need, once.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
GRAPHIQL := .cache/graphiql/.tried
DYNAMODB := .cache/dynamodb-local
DYNAMODB_PORT ?= 8001
DYNAMODB_DATA ?=

.PHONY: run test soak mutants check bench schema lock graphiql dynamodb-local dynamodb-local-install
run: $(READY) $(GRAPHIQL)  ## serve on 127.0.0.1:$(PORT)
	@$(BIN)/uvicorn api.main:app --host 127.0.0.1 --port $(PORT) --no-access-log

test: $(READY)
	@$(BIN)/pytest -n auto --dist worksteal

soak: $(READY)  ## what takes long: big days, many rounds, on DynamoDB Local
	@$(BIN)/pytest -m soak

mutants: $(READY)  ## mistakes put into the code one at a time, each found by its test; writes docs/mutants.md
	@$(BIN)/python -m tests.mutants

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@mkdir -p .cache && $(BIN)/python -m local.translate > .cache/cloudformation.json
	@$(BIN)/cfn-lint --template .cache/cloudformation.json --regions eu-central-1
	@bash -n .ci/run

INSTALL_GRAPHIQL := $(BIN)/python -m local.graphiql || echo "GraphiQL's files could not be installed by npm: its page takes them from unpkg.com"
graphiql: $(READY)  ## GraphiQL's files, so that it works offline
	@$(INSTALL_GRAPHIQL)

$(GRAPHIQL): api/graphiql_assets.py | $(READY)  # once, whatever comes of it: `make graphiql` tries again
	@$(INSTALL_GRAPHIQL)
	@mkdir -p $(@D) && touch $@

bench: $(READY)  ## speed and memory, as ratios
	@for part in $(basename $(notdir $(wildcard bench/[a-z]*.py))); do $(BIN)/python -m bench.$$part || exit 1; done

schema: $(READY)  ## write schema/schema.graphql
	@$(BIN)/python -m local.schema

lock: $(READY)  ## pin pyproject.toml's groups, with hashes and without an index address
	@for group in jobs payments images reports api dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --group $$group --output-file requirements/$$group.txt; done

# `sam build` calls build-<Function> with ARTIFACTS_DIR; without Docker or Python 3.13, pip fetches what Lambda runs.
ROOMS_OF_JOBS := core models services jobs
ROOMS_OF_API := $(ROOMS_OF_JOBS) schema resolvers api
FETCH := $(BIN)/pip install --quiet --disable-pip-version-check \
  --platform manylinux_2_28_aarch64 --platform manylinux2014_aarch64 --python-version 3.13 \
  --only-binary=:all: --no-deps --require-hashes

define package  # $(1): requirements, $(2): rooms
	@rm -rf $(ARTIFACTS_DIR) && mkdir -p $(ARTIFACTS_DIR)
	@$(FETCH) --target $(ARTIFACTS_DIR) -r requirements/$(1).txt
	@cp -r $(2) $(ARTIFACTS_DIR)
	@cd $(ARTIFACTS_DIR)/botocore/data && ls -d */ | grep -vxE '(cognito-idp|dynamodb|s3|sesv2|sqs|ssm)/' | xargs rm -rf
	@find $(ARTIFACTS_DIR) -name __pycache__ -prune -exec rm -rf {} +
endef

.PHONY: build build-ApiFunction build-SendMailFunction build-CountClicksFunction build-ProcessOrdersFunction build-SweepFunction build-ProcessImagesFunction build-ReportDayFunction
build-ApiFunction: $(READY)
	$(call package,api,$(ROOMS_OF_API))
build-SendMailFunction build-CountClicksFunction: $(READY)
	$(call package,jobs,$(ROOMS_OF_JOBS))
build-ProcessOrdersFunction build-SweepFunction: $(READY)
	$(call package,payments,$(ROOMS_OF_JOBS))
build-ProcessImagesFunction: $(READY)
	$(call package,images,$(ROOMS_OF_JOBS))
build-ReportDayFunction: $(READY)
	$(call package,reports,$(ROOMS_OF_JOBS))

build: $(READY)  ## every function's package, into build/, as `sam build` would
	@for function in ApiFunction SendMailFunction CountClicksFunction ProcessOrdersFunction SweepFunction ProcessImagesFunction ReportDayFunction; do \
	  $(MAKE) --no-print-directory build-$$function ARTIFACTS_DIR=$(CURDIR)/build/$$function || exit 1; \
	  du -sh build/$$function; done

dynamodb-local: $(DYNAMODB)/.ready  ## serve on 127.0.0.1:$(DYNAMODB_PORT), in memory or in the directory DYNAMODB_DATA
	@java -Dsqlite4java.library.path=$(DYNAMODB) -cp '$(DYNAMODB)/*' \
	  tests/dynamodb_local/LoopbackDynamoDB.java $(DYNAMODB_PORT) $(DYNAMODB_DATA)

dynamodb-local-install: $(DYNAMODB)/.ready  ## needs Maven and Java 17; the concurrency tests are skipped without

$(DYNAMODB)/.ready: tests/dynamodb_local/pom.xml
	@mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(DYNAMODB)
	@touch $@

$(READY): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kiosk needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
