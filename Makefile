# Everything from nothing: `make hunt` runs the main job, `make test` the tests.
# Both set up a virtual environment of their own in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := pyproject.toml meson.build meson.options $(shell find csrc pyharness -type f \
	! -name '*.pyc' ! -path '*/__pycache__*' 2>/dev/null)

.PHONY: hunt test soak translations oracle test-arm64 wheels bench lint native asan tsan clean \
	check-host

hunt: $(STAMP)
	$(BIN)/vmemstress hunt $(ARGS)

# The native C tests, then the Python tests: ARGS="-m 'not slow'" for those of a minute.
test: native
	$(BIN)/pytest -q tests $(ARGS)

# Page tables and TLBs against the step machine, N new programs for each memory model.
translations: $(STAMP)
	VMEMSTRESS_TRANSLATION_PROGRAMS=$(or $(N),20000) $(BIN)/pytest -q tests/verify/test_translations.py

# The search against herd7 (docs/oracle.md): the kept programs and, where there is a herd7
# (HERD7, HERD7_LIB), as many newly drawn ones as COUNT says; nightly, SEED is the day.
SEED ?= $(shell date +%Y%m%d)
COUNT ?= 300
ORACLE = PYTHONPATH=tests/verify $(BIN)/python -P -m oracle
oracle: $(STAMP)
	$(ORACLE).check $(ARGS)
	@if $${HERD7:-herd7} -version >/dev/null 2>&1; then \
		mkdir -p build/oracle && \
		$(ORACLE).make --seed $(SEED) --count $(COUNT) --into build/oracle && \
		$(ORACLE).check --data build/oracle $(ARGS); \
	else \
		echo "no herd7: no new programs are drawn; docs/oracle.md says how to build it"; \
	fi

# For the night: the races and the random programs again, with seeds that nobody has tried.
# A failure names its seed; SEED=N begins there again.
soak: SEED := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
soak: $(STAMP)
	VMEMSTRESS_SEED=$(SEED) VMEMSTRESS_RACE_SEEDS=$(or $(SEEDS),20) \
		$(BIN)/pytest -q tests/hunt tests/verify tests/bench tests/store \
		--hypothesis-seed=$(SEED) $(ARGS)

# aarch64 under emulation: wheel, C tests, Python tests, with LL/SC and with LSE.
test-arm64:
	@PYTHON="$(PYTHON)" bash .ci/arm64.sh

# The wheels of this machine and of aarch64, audited, in build/arm64/*/dist.
wheels:
	@PYTHON="$(PYTHON)" bash .ci/arm64.sh wheels

bench: $(STAMP)
	$(BIN)/pytest -q bench -o python_files='bench_*.py' --benchmark-columns=median,iqr,rounds $(ARGS)

# The documentation.
.PHONY: results docs picture

# The figures of docs/results.md, made again here and dated.
results: $(STAMP)
	$(BIN)/python docs/make_results.py $(ARGS)

# The site, in build/site: a broken link is an error. Reading it takes no network.
docs: $(STAMP)
	$(BIN)/mkdocs build --quiet

# The picture of the README, from a search of the README's own scenario.
picture: $(STAMP)
	$(BIN)/python docs/make_picture.py

lint: $(STAMP)
	$(BIN)/ruff check pyharness tests bench docs .ci/include_circles.py
	$(BIN)/mypy
	$(BIN)/python .ci/include_circles.py csrc --leave model

# The native C tests as they are, under AddressSanitizer with UBSan, and under
# ThreadSanitizer.
native: $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/native/run_sanitized.sh plain

asan tsan: $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tests/native/run_sanitized.sh $@

# One line for what is missing, with the package that brings it.
check-host:
	@sh .ci/check_host.sh $(PYTHON)

$(STAMP): $(SOURCES)
	@sh .ci/check_host.sh $(PYTHON)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	@touch $@

clean:
	rm -rf build $(VENV)
