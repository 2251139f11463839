# `make help` lists the targets. Set-up happens once, inside this folder, and is skipped afterwards.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3 python python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
required = $(or $($1),$(error name it: make $@ $1=dev))

.PHONY: help
help: ## what there is to make
	@grep -hE '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

.PHONY: setup
setup: $(READY) ## the environment, hash-checked: Python packages, Java where there is none, Spark's jars

$(READY): requirements.txt requirements-jdk.txt sluice/sandbox/jobs/jars.lock sluice/cli/launcher.sh
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.11 or newer on the PATH" >&2; exit 2; }
	@echo "setting up once: packages, Java where there is none, Spark's jars (about 4 minutes)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@install -m 755 sluice/cli/launcher.sh $(BIN)/sluice
	@$(BIN)/python -m sluice.sandbox.jobs.java || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-jdk.txt
	@$(BIN)/python -m sluice.sandbox.jobs.jars >.venv/jars.log 2>&1 || { tail -n 40 .venv/jars.log >&2; exit 1; }
	@$(BIN)/python -m sluice.sandbox.jobs.class_archive >.venv/archive.log 2>&1 || echo "no archive of Spark's classes, see .venv/archive.log: runs are slower"
	@touch $@

.PHONY: demo
demo: $(READY) ## a day of the sample through the gate, a bad one, a mended one; no account, no cloud
	@$(BIN)/sluice demo

SPARK_TESTS = tests/faults tests/spark/contracts $(wildcard tests/spark/test_[a-i]*.py)
OTHER_SPARK_TESTS = $(wildcard tests/spark/test_[j-z]*.py)
SANDBOX_TESTS = tests/sandbox
OTHER_TESTS = tests/program $(wildcard tests/sample) tests/unit

# Processes that tests start find compiled what the first of them compiled, wherever that is switched off.
test test-long: export PYTHONDONTWRITEBYTECODE :=

# Four processes keep two cores busy. A folder stays in one, or two: its tests share what is slow to start.
define run_tests
@$(BIN)/python -m pytest $1 $(SPARK_TESTS) >.venv/test-spark.log 2>&1 & spark=$$!; \
$(BIN)/python -m pytest $1 $(OTHER_SPARK_TESTS) >.venv/test-other-spark.log 2>&1 & other_spark=$$!; \
$(BIN)/python -m pytest $1 $(SANDBOX_TESTS) >.venv/test-sandbox.log 2>&1 & sandbox=$$!; \
$(BIN)/python -m pytest $1 $(OTHER_TESTS); failed=$$?; \
wait $$sandbox || failed=1; cat .venv/test-sandbox.log; \
wait $$spark || failed=1; cat .venv/test-spark.log; \
wait $$other_spark || failed=1; cat .venv/test-other-spark.log; exit $$failed
endef

.PHONY: test
test: $(READY) .awscli/.ready ## the tests, about 10 minutes on 2 cores
	$(call run_tests,)

.PHONY: test-long
test-long: $(READY) .awscli/.ready ## the tests that are marked long (most of an hour)
	$(call run_tests,-m "long or story")

# The AWS CLI, whose parser the pages' commands are held to, apart: it pins what the lake has in other versions.
.awscli/.ready: requirements-awscli.txt
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.11 or newer on the PATH" >&2; exit 2; }
	@$(PYTHON) -m venv .awscli
	@.awscli/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-awscli.txt
	@touch $@

.PHONY: coverage
coverage: $(READY) .awscli/.ready ## which lines the tests of `make test` run, with processes of their own and Spark's workers (half an hour; TESTS=tests/unit)
	@$(BIN)/python -m pytest --cov --cov-report=html:.htmlcov --cov-report=json:.htmlcov/figures.json $(or $(TESTS),tests); ended=$$?; \
	$(BIN)/python -m tests.coverage_figures .htmlcov/figures.json $(if $(TESTS),,--write); exit $$ended

.PHONY: soak
soak: $(READY) ## hundreds of runs of each load under faults and kills, and a line of figures (40 minutes; SEEDS="1 4" for fewer lakes)
	@$(BIN)/python -m tests.faults.soak $(SEEDS)

.PHONY: browser
browser: $(READY) .axe/.ready ## in a real Chromium: a page that tries to use a running sandbox gets nothing; the site's pages are sound, and pictured in docs (CHROMIUM=/path/to/it)
	@$(BIN)/python -m pytest -s tests/sandbox/browser.py tests/sandbox/site_in_browser.py

# axe's script, as the site's judge, apart: the package that it comes in needs what nothing here does.
.axe/.ready: requirements-browser.txt $(READY)
	@rm -rf .axe
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --target .axe -r requirements-browser.txt
	@touch $@

.PHONY: fuzz
fuzz: $(READY) ## made-up frames judged both ways, made-up files through the gate: equal or refused (FUZZ_CASES=300)
	@$(BIN)/python -m pytest -s tests/spark/fuzz_engine.py tests/spark/fuzz_files.py

.PHONY: growth
growth: $(READY) ## what a year of small daily runs leaves behind, before maintenance and after it (minutes; GROWTH_DAYS=30 for fewer)
	@$(BIN)/python -m pytest -s tests/spark/growth.py

.PHONY: gold-speed
gold-speed: $(READY) ## how long gold takes to build one day of a year again, against all of it, noted in docs (8 minutes; GOLD_ROWS=100000 rows a day)
	@$(BIN)/python -m pytest -s tests/spark/gold_bench.py

.PHONY: check
check: $(READY) ## lint, formatting, types, workflows, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/python -m sluice.lake_template.update_check
	$(BIN)/sluice lint

.PHONY: schema
schema: $(READY) ## expectations/schema.json, docs/contract.md, the schemas of verdicts and results anew, from the models and the library's
	@$(BIN)/sluice schema --write

accepted = .interop/bin/datacontract lint $1 >.interop/lint.log 2>&1 && grep -q 'Data contract is valid\.' .interop/lint.log

.PHONY: interop
interop: $(READY) .interop/.ready ## exported documents: datacontract-cli accepts them, and finds in eleven dirty days what the gate finds (2 minutes)
	@rm -rf .interop/odcs && $(BIN)/sluice export --odcs --out .interop/odcs >/dev/null
	@for file in .interop/odcs/*.odcs.yaml; do \
		$(call accepted,$$file) && echo "$$file: accepted" || { cat .interop/lint.log >&2; exit 1; }; done
	@# It exits 0 on a field that it does not know, so that is tried too: else its acceptance would say little.
	@sed 's/businessImpact/impact/' $$(ls .interop/odcs/*.odcs.yaml | head -n 1) >.interop/broken.odcs.yaml
	@! { $(call accepted,.interop/broken.odcs.yaml); } && echo "a document with an unknown field: refused"
	@SLUICE_LAKE=$(or $(SLUICE_LAKE),tests/lake) $(BIN)/python -m bench.interop $(or $(DATASET),trades) $(or $(DATA),tests/lake/days/good.csv)

.interop/.ready: requirements-interop.txt
	@test -n "$(PYTHON)" || { echo "Sluice needs Python 3.11 or newer on the PATH" >&2; exit 2; }
	@$(PYTHON) -m venv .interop
	@.interop/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-interop.txt
	@touch $@

benchmark = $(if $(ROWS),--rows $(ROWS)) $(if $(REPETITIONS),--repetitions $(REPETITIONS)) $(if $(OUT),--out $(OUT)) \
	$(if $(CONTRACTS),--contracts $(CONTRACTS)) $(if $(DATA),--data $(DATA)) $(if $(ONLY),--only $(ONLY)) $(if $(GO_ON),--go-on) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(OBJECTS),--objects $(OBJECTS))

.PHONY: bench bench-growth bench-ledger bench-tiny
bench: ## what the gate costs beside its peers (half an hour); ROWS=, REPETITIONS=, CONTRACTS=folder DATA=csv, ONLY=, OUT=, GO_ON=1
bench-growth: ## how that cost grows with rows, rules and bad rows, and the driver's memory (half an hour; ROWS=, REPETITIONS=)
bench-ledger: ## what the bookkeeping costs a large run, an empty one, and one beside 100,000 objects (ROWS=, OBJECTS=100000,1000000)
bench-tiny: ## where the seconds of a day of five rows go, from the start of the process to its verdict (REPETITIONS=)
bench bench-growth bench-ledger bench-tiny: $(READY) .bench/.ready
	@.bench/bin/python -m bench $(patsubst bench-%,%,$(patsubst bench,bench-peers,$@)) $(benchmark)

.PHONY: bench-keys
bench-keys: ROWS := $(or $(ROWS),50000000)
bench-keys: $(READY) .bench/.ready ## how long keys are looked for beside 1, 10 and 50 million published rows (half an hour; ROWS=, REPETITIONS=)
	@.bench/bin/python -m bench keys $(benchmark)

.PHONY: bench-drawn
bench-drawn: ROWS := $(or $(ROWS),2000000)
bench-drawn: $(READY) .bench/.ready ## what it costs on data and rules that seeds draw (an hour and a half; ROWS=, REPETITIONS=, SEEDS=1,2, GO_ON=1)
	@.bench/bin/python -m bench drawn $(benchmark)

.PHONY: bench-formats
bench-formats: ROWS := $(or $(ROWS),2000000)
bench-formats: $(READY) .bench/.ready ## what it costs on each kind of file, and on very many columns and objects (half an hour; ROWS=, REPETITIONS=, ONLY=parquet,wide, GO_ON=1)
	@.bench/bin/python -m bench formats $(benchmark)

.PHONY: bench-wide
bench-wide: $(READY) .bench/.ready ## what it costs a contract that nobody tuned it to: 16 columns, 43 rules, 2 million rows (REPETITIONS=)
	@.bench/bin/python -m bench.wide .bench/wide
	@.bench/bin/python -m bench peers --contracts bench/contracts/wide --data .bench/wide --only sluice $(benchmark)

.PHONY: bench-scale
bench-scale: $(READY) ## what lakes of 4 to 1,000 datasets declare, against AWS's limits, noted in docs (5 minutes; NUMBERS="4 100" for others)
	@SLUICE_LAKE=$(or $(SLUICE_LAKE),tests/lake) $(BIN)/python -m bench.scale $(NUMBERS)

.PHONY: bench-objects bench-runs
bench-objects: $(READY) ## what each call of the ledger costs beside 10,000, 100,000 and a million objects, noted in docs (3 minutes; OBJECTS=1000,2000 for others)
	@$(BIN)/python -m bench.ledger_objects $(OBJECTS)
bench-runs: $(READY) ## what a year of hourly runs leaves and its bookkeeping costs, noted in docs (10 minutes; RUNS=1000 for fewer)
	@$(BIN)/python -m bench.hourly_runs $(RUNS)

# It sees .venv's packages behind its own: the same Spark and the same library for all, and 400 MB not twice.
.bench/.ready: requirements-bench.txt $(READY)
	@$(BIN)/python -m venv .bench
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		>"$$(.bench/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/product.pth"
	@.bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

.PHONY: plan
plan: $(READY) ## what STACK declares, what differs from DIFF, what it costs; no account, no CLI (JSON=1 for JSON)
	@$(BIN)/sluice plan $(call required,STACK) $(if $(DIFF),--diff $(DIFF)) $(if $(JSON),--json)

.PHONY: architecture
architecture: $(READY) ## the picture in docs/architecture.md anew, with RULE=<id> its figures, too (a minute)
	@$(BIN)/python -m sluice.architecture --write $(if $(RULE),--figures $(RULE))

.PHONY: flow
flow: $(READY) ## the diagrams of docs/flow.md anew, from the program's graph
	@$(BIN)/python -m sluice.program.flow_page

.PHONY: draft-halves
draft-halves: $(READY) ## how many files' halves accept the draft of the other half (half a minute; FILES="a.csv b.csv" for files of your own)
	@$(BIN)/python -m tests.draft_halves $(FILES)

.PHONY: commands
commands: $(READY) ## docs/commands.md anew, from the table of sluice's commands
	@$(BIN)/python -m sluice.cli.reference_page

.PHONY: options
options: $(READY) ## the options in Pulumi.yaml and docs/options.md anew, from the model of options
	@$(BIN)/python -m sluice.program.options_page

.PHONY: messages
messages: $(READY) ## the messages in docs/messages.md anew, as text and as pictures, from the job's own code
	@$(BIN)/python -m sluice.program.messages_page

.PHONY: answers
answers: $(READY) ## the answers of the queries on results in docs/athena.md anew, over lines that the job's code wrote
	@$(BIN)/python -m tests.program.results_month

.PHONY: security
security: $(READY) ## the tables of condition keys and of what each role can become in docs/security.md anew
	@$(BIN)/python -m sluice.program.condition_keys --write
	@$(BIN)/sluice deployer reach --stack prod --write

.PHONY: incident
incident: $(READY) ## the incident that docs/runbook.md tells, lived through in a sandbox anew (two minutes)
	@$(BIN)/python -m sluice.sandbox.demo.incident

.PHONY: preview up destroy
preview up: wheels
preview up destroy: $(READY) ## the Pulumi CLI's own command on STACK, with the bundle that Glue installs from
	@command -v pulumi >/dev/null || { echo "make $@ needs the Pulumi CLI on the PATH: see docs/deploying.md" >&2; exit 2; }
	@$(if $(filter destroy,$@),,$(BIN)/python -m sluice.program.deployed_stack $(call required,STACK))
	pulumi $@ --stack $(call required,STACK)

.PHONY: engine
engine: $(READY) ## the program through the Pulumi CLI that is on the PATH, against a stand-in for AWS: every stack's life, and an upgrade
	@$(BIN)/python -m sluice.program.engine $(STACK)

.PHONY: wheels
wheels: $(READY) ## what the job installs on Glue, for Glue's Python, from the lock
	@$(BIN)/sluice wheels

.PHONY: lock
lock: $(READY) ## pin the requirement files anew, with hashes and without hosts
	for name in requirements requirements-jdk requirements-interop requirements-awscli; do \
		uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
			--python-version 3.11 $$name.in -o $$name.txt; done
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-deps \
		--python-version 3.11 requirements-browser.in -o requirements-browser.txt
	@mkdir -p .bench && sed 's/ \\$$//; /^ /d; /^#/d; /^pandas==/d' requirements.txt >.bench/constraints.txt
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 -c .bench/constraints.txt requirements-bench.in -o requirements-bench.txt
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.13 --python-platform x86_64-manylinux_2_28 requirements-glue.in -o requirements-glue.txt

.PHONY: clean
clean: ## drop everything that set-up made
	rm -rf .venv .jars .jdk .wheels .interop .awscli .axe .bench .site .coverage* .htmlcov
