# make help lists what there is. Each target installs what it needs: .venv (development), .venv-build (packaging), and
# .venv-cim, .venv-clients, .venv-audit and .venv-mutate (tools that judge the add-on, the stand-ins and the tests; they
# do not get on with the others).

PYTHON ?= python3
VERSION := $(shell sed -n 's/.*"version": "\([^"]*\)".*/\1/p' package/app.manifest)
APP := TA-QualysCloudPlatform
ARCHIVE := dist/$(APP)-$(VERSION).tar.gz
NEW_ENOUGH = $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10) and 'These tools need Python 3.10 or newer: make PYTHON=python3.11 ...')"
PIP := -m pip install --quiet --disable-pip-version-check
SOURCES := $(shell find package -type f -not -path '*/__pycache__/*') globalConfig.json additional_packaging.py
# Two for each core: tests wait for the processes that they start.
WORKERS := $(shell expr 2 '*' $$(nproc 2>/dev/null || echo 2))
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help demo test check audit build package inspect bench soak mutate golden pictures clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: .venv/installed build  ## pull from a stand-in platform into a stand-in Splunk, and show it (ONCE=1, HOSTS=n, FAULTS=a,b)
	.venv/bin/python -m standins.demo $(if $(ONCE),--once) $(if $(HOSTS),--hosts $(HOSTS)) $(if $(FAULTS),--faults $(FAULTS))

test: .venv/installed .venv-cim/installed .venv-clients/installed build  ## all tests (the browser's only where there is a Chromium)
	.venv/bin/python -m pytest -n $(WORKERS) --dist worksteal $(if $(CHROMIUM),,-m "not browser") $(ARGS)
	@$(if $(CHROMIUM),,echo "Left out: the browser tests, for want of Chromium. To run them: apt-get install chromium")

check: .venv/installed  ## format, lint, types and what bandit finds
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python tools/audit.py code

audit: .venv-audit/installed  ## known vulnerabilities of what ships and of what develops it; asks PyPI
	.venv-audit/bin/python tools/audit.py packages .venv-audit/bin/pip-audit

build: build/built  ## the add-on, in ./TA-QualysCloudPlatform

# ucc-gen ends with 0 even when it failed; what it writes last tells. pip 26.3 dropped an option that ucc-gen uses.
build/built: .venv-build/installed $(SOURCES)
	@mkdir -p build && cp globalConfig.json build/  # ucc-gen writes into the one it is given
	@echo "Building $(APP) $(VERSION)"
	@.venv-build/bin/ucc-gen build --source package --config build/globalConfig.json --ta-version $(VERSION) --output . --overwrite --pip-version 26.2 --python-binary-name "$(CURDIR)/.venv-build/bin/python" \
	  --pip-custom-flag="--no-compile --ignore-installed --no-deps --platform any --implementation py --abi none --python-version 3.9" \
	  > build/ucc-gen.log 2>&1 \
	  && test -f $(APP)/app.manifest -a -f $(APP)/appserver/static/openapi.json \
	  || { tail -n 30 build/ucc-gen.log; echo "The build failed; all of it: build/ucc-gen.log"; exit 1; }
	@touch $@

package: $(ARCHIVE)  ## what Splunk installs, in dist/

$(ARCHIVE): build/built tools/archive.py
	$(PYTHON) tools/archive.py $(APP) $@

inspect: $(ARCHIVE)  ## AppInspect; ends with an error for a failure, also for one that only a later AppInspect will see
	$(PYTHON) tools/inspect_package.py .venv-build/bin/splunk-appinspect $(ARCHIVE)

bench: .venv/installed build  ## measure all and write docs/benchmarks.md (ONLY=tick: one topic, only shown)
	.venv/bin/python -m benchmarks $(ONLY)

soak: .venv/installed build  ## a thousand storms: random faults, kills and changes (RUNS=1000, SEED=0, JOBS=2, INPUTS=reports)
	PYTHONPATH=.:package/bin:tests .venv/bin/python tools/soak.py $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--first $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(if $(INPUTS),--inputs "$(INPUTS)")

mutate: .venv/installed .venv-mutate/installed  ## change the core in 200 places: which changes do its tests let pass? (EACH=20, SEED=0, ONLY=pull.py)
	.venv-mutate/bin/python tools/mutate.py $(if $(EACH),--each $(EACH)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

golden: .venv/installed build  ## write the expected events and the list of files anew; review the difference
	.venv/bin/python -m pytest -q tests/golden tests/parity/test_package.py --rewrite

pictures: .venv/installed build  ## draw the pictures of the docs anew (needs Chromium)
	.venv/bin/python tools/pictures.py

clean:  ## remove what the other targets made, but for the virtual environments
	rm -rf build dist $(APP)

.venv/installed: requirements-dev.txt package/lib/requirements.txt
	@$(NEW_ENOUGH) && echo "Installing what development needs, into .venv"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python $(PIP) -r requirements-dev.txt
	@.venv/bin/python $(PIP) --no-deps -r package/lib/requirements.txt
	@touch $@

.venv-cim/installed: requirements-cim.txt
	@$(NEW_ENOUGH) && echo "Installing what knows the CIM, into .venv-cim"
	@test -x .venv-cim/bin/python || $(PYTHON) -m venv .venv-cim
	@.venv-cim/bin/python $(PIP) -r requirements-cim.txt
	@touch $@

# qualysdk needs Python 3.11; where there is none, its tests say so and are left out.
.venv-clients/installed: requirements-clients.txt
	@$(NEW_ENOUGH) && echo "Installing public Qualys clients, into .venv-clients"
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	@.venv-clients/bin/python $(PIP) -r requirements-clients.txt && touch $@ \
	  || { rm -rf .venv-clients; echo "Left out: the public clients (they need Python 3.11)"; }

.venv-audit/installed: requirements-audit.txt
	@$(NEW_ENOUGH) && echo "Installing what knows of vulnerabilities, into .venv-audit"
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python $(PIP) -r requirements-audit.txt
	@touch $@

.venv-mutate/installed: requirements-mutate.txt
	@$(NEW_ENOUGH) && echo "Installing what changes code, into .venv-mutate"
	@test -x .venv-mutate/bin/python || $(PYTHON) -m venv .venv-mutate
	@.venv-mutate/bin/python $(PIP) -r requirements-mutate.txt
	@touch $@

.venv-build/installed: requirements-build.txt
	@$(NEW_ENOUGH) && echo "Installing what packaging needs, into .venv-build (about a minute)"
	@test -x .venv-build/bin/python || $(PYTHON) -m venv .venv-build
	@.venv-build/bin/python $(PIP) -r requirements-build.txt
	@touch $@
