# The commands of the platform; `make` alone explains them. The work itself is done in lms/runtime/.
PYTHON ?= python3
ARGS ?=
GO = @command -v $(PYTHON) >/dev/null 2>&1 || { \
	echo "✗ Không tìm thấy $(PYTHON). Hãy cài Python 3.11 trở lên." >&2; \
	echo "  $(PYTHON) was not found. Install Python 3.11 or newer." >&2; exit 1; }; \
	exec $(PYTHON) lms/runtime

.PHONY: help run setup test journey screenshots check bench clean

help:
	@echo "Bồi dưỡng số"
	@echo
	@echo "  make run          set up what is missing and start: web server, worker, demo world (PORT=8000 HOST=127.0.0.1)"
	@echo "  make test         the whole test suite (ARGS=\"-k certificates\" chooses)"
	@echo
	@echo "  make setup        everything 'make run' needs, without starting it"
	@echo "  make journey      one whole class over HTTP, from nomination to report, into var/journey/"
	@echo "  make screenshots  each role's main pages at phone and desktop width, into var/screenshots/"
	@echo "  make check        style, templates, import contracts, migrations, translations, deployment settings"
	@echo "  make bench        benchmarks, as ratios to a floor measured in the same run"
	@echo "  make clean        remove what the commands made: .venv, node_modules, var (with the demo's data!)"
	@echo
	@echo "  DATABASE_URL, CELERY_BROKER_URL and CACHE_URL move the same code to PostgreSQL and Redis;"
	@echo "  see .env.example and docs/operators/running.md."

run setup test journey screenshots check bench clean:
	$(GO) $@ $(ARGS)
