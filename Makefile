# Les commandes du projet ; `make help` les dit. Rien d’autre que Python ≥ 3.11 et make n’est nécessaire.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENGINES := $(BIN)/python -m coopconnexion.dev.engines exec
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DEBUG ?= true

.DEFAULT_GOAL := help
.PHONY: help run test e2e lint check bench lock reset migrations clean

help: ## dire ce que chaque commande fait
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(READY): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Il faut Python 3.11 ou plus récent ; indiquez-le : make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Environnement : création de $(VENV) et installation (une minute la première fois)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

run: $(READY) ## tout démarrer : moteurs, site, tâches ; Ctrl-C arrête tout
	@$(BIN)/python -m coopconnexion.dev.run --port $(PORT)

test: $(READY) ## tous les tests, sur les moteurs embarqués
	@$(ENGINES) --data test -- $(BIN)/python -m pytest $(ARGS)

e2e: $(READY) ## les tests dans un vrai navigateur (Chromium)
	@$(ENGINES) --data test -- $(BIN)/python -m pytest -m e2e $(ARGS)

lint: $(READY) ## style, architecture, gabarits
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@git ls-files 'templates/*.html' | xargs $(BIN)/djade --target-version 5.2 --check

check: lint ## tout ce que vérifie l’intégration continue
	@$(ENGINES) --data test -- $(BIN)/python manage.py makemigrations --check --dry-run
	@DEBUG=false SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX SITE_URL=https://coop.example \
		ALLOWED_HOSTS=coop.example DATABASE_URL=postgres:///x REDIS_URL=redis://x \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(MAKE) --no-print-directory test ARGS="-n 2 $(ARGS)"

bench: $(READY) ## mesurer le vrai serveur contre un Django nu
	@DEBUG=false $(ENGINES) --data bench -- $(BIN)/python -m tests.bench $(ARGS)

lock: $(READY) ## refaire requirements*.txt depuis pyproject.toml
	@for extra in "" "--extra dev"; do \
		$(BIN)/uv pip compile pyproject.toml $$extra --quiet --generate-hashes --python-version 3.11.7 --universal \
			--no-emit-index-url --no-emit-find-links --no-header --no-annotate \
			-o requirements$${extra:+-dev}.txt; done

migrations: $(READY) ## écrire les migrations qui manquent
	@$(ENGINES) -- $(BIN)/python manage.py makemigrations

reset: ## effacer les données de `make run`
	@rm -rf .run/data .run/mail .run/log .run/demo-loaded && echo "Données effacées : le prochain make run repart de zéro."

clean: ## effacer aussi l’environnement et tout ce qui se refait
	@rm -rf .run $(VENV) staticfiles .pytest_cache .ruff_cache
