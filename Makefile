# Everything a person types. Each target makes its own .venv first; nothing else is needed but Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PROOF  := $(addprefix selftests/matrix/test_,matrix.py faults.py variants.py pairs.py shapes.py incidents.py)
# Workers for all cores, each with a lab of its own: how many, selftests/conftest.py says.
SELFTEST := $(BIN)/pytest -c selftests/pytest.ini -n logical --dist worksteal
ENGINE ?= $(firstword $(foreach engine,buildah docker podman,$(shell command -v $(engine))))
COMMIT  = $(shell git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null)

# Containers switch it off, and each of a thousand processes would compile the suite anew.
unexport PYTHONDONTWRITEBYTECODE

# What needs no run of the suite, no browser and no container.
FAST := $(addprefix selftests/,house/test_architecture.py house/test_models.py exchange/test_api_objects.py reports/test_verdict.py \
  reports/test_kinds.py engine/test_observing.py matrix/test_changed.py) $(wildcard selftests/topics/test_*_rules.py)

.PHONY: lab check test selftest lint format docs bench screenshots image clean help

help:    ## what can be typed
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

lab: $(READY)  ## judge the embedded estate and write its report
	$(BIN)/pytest --lab

test: $(READY)  ## the self-tests, then the whole suite against the healthy lab
	$(BIN)/python -m fixtures.catalogue.generated --check
	$(BIN)/python -m selftests.matrix.proof --check
	$(SELFTEST) selftests
	$(BIN)/pytest --lab --fail-on degraded

check: lint  ## between two edits: the quick self-tests, the healthy lab, and the faults of the checks that have changed
	$(BIN)/pytest --lab --fail-on degraded -q
	changed=$$($(BIN)/python -m selftests.matrix.changed) && $(SELFTEST) -q $(FAST) $$changed

lint: $(READY)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)  ## write what is generated: docs/CHECKS.md, docs/ESTATE.md, docs/PROOF.md, the schemas, deploy/overlays/frank
	$(BIN)/python -m fixtures.catalogue.generated
	$(BIN)/python -m selftests.matrix.proof >/dev/null
	$(BIN)/python -m deploy.overlay --estate estates/frank.toml --image ghcr.io/derio-net/sso-conformance:0.1.0 --store infisical \
	  --with viewer --with scrape --with rules --with network-policy --access sympozium --notify telegram --to deploy/overlays/frank

prove: $(READY)  ## the whole suite against each fault, variant, pair and shape; then docs/PROOF.md, and the matrix
	$(SELFTEST) --whole $(PROOF)
	$(BIN)/python -m selftests.matrix.proof

bench: $(READY)  ## what a run costs, and as the estate grows, beside an older commit, stock pytest and the runbook's lines
	$(BIN)/python -m selftests.benchmarks.suite
	$(BIN)/python -m selftests.benchmarks.scale --old
	$(BIN)/python -m selftests.benchmarks.report

screenshots: $(READY)  ## the reports as people see them, in .screenshots/ (needs Chromium)
	$(BIN)/python -m selftests.screenshots

image:   ## build the container image: make image IMAGE=registry/you/sso-conformance:0.1.0 [BROWSER=1] [ENGINE=podman] [PLATFORM=linux/arm64]
	@test -n "$(ENGINE)" || { echo "no buildah, docker or podman here: install one, or see 'Without a container engine' in docs/in-cluster.md"; exit 4; }
	@case "$(IMAGE)" in */*:*|*/*@*) ;; *) echo "name the image as the nodes pull it: make image IMAGE=registry/you/sso-conformance:0.1.0"; exit 4;; esac
	DOCKER_BUILDKIT=1 $(ENGINE) build $(if $(filter docker,$(notdir $(ENGINE))),,--ignorefile deploy/Dockerfile.dockerignore) $(if $(PLATFORM),--platform $(PLATFORM)) $(if $(BASE),--build-arg BASE=$(BASE)) \
	  --build-arg IMAGE=$(IMAGE) --build-arg COMMIT=$(COMMIT) --file deploy/Dockerfile --tag $(IMAGE) .
	$(if $(BROWSER),DOCKER_BUILDKIT=1 $(ENGINE) build $(if $(PLATFORM),--platform $(PLATFORM)) --build-arg SUITE=$(IMAGE) --file deploy/Dockerfile.browser --tag $(IMAGE)-browser .)
	@echo "built $(IMAGE) of commit $(COMMIT); push it: $(ENGINE) push $(IMAGE)"$(if $(BROWSER), "and $(IMAGE)-browser")

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lab,dev]'
	touch $@

clean:   ## remove what was made here
	rm -rf $(VENV) .lab .pytest_cache .mypy_cache .ruff_cache .hypothesis
