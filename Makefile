# Les commandes du projet ; `make help` les dit. Rien d’autre que Python ≥ 3.11 et make n’est nécessaire.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ENGINES := $(BIN)/python -m coopconnexion.dev.engines exec
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --python-version 3.11 --universal \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
PRODUCTION := DEBUG=false SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX \
	SITE_URL=https://coop.example ALLOWED_HOSTS=coop.example DATABASE_URL=postgres:///x REDIS_URL=redis://x
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DEBUG := true
# Ce que le reste de la machine règle pour ses propres besoins ne détourne rien ici.
unexport DJANGO_SETTINGS_MODULE GUNICORN_CMD_ARGS PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT

.DEFAULT_GOAL := help
.PHONY: help run test e2e lint check bench lock reset migrations clean

help: ## dire ce que chaque commande fait
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# Refait seulement quand les dépendances changent.
$(READY): requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python est introuvable. Installez Python 3.11 ou plus récent, ou indiquez-le : make $(MAKECMDGOALS) PYTHON=/chemin/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Il faut Python 3.11 ou plus récent. Indiquez-le : make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Installation dans $(VENV) (une minute la première fois)…"
	@$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "Python ne sait pas créer d’environnement ici. Sous Debian : apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.txt || \
		{ echo "L’installation a échoué : la raison est au-dessus. Relancez make $(MAKECMDGOALS) une fois le réseau ou pip réglé." >&2; exit 1; }
	@touch $@

run: $(READY) ## tout démarrer : moteurs, site, tâches ; Ctrl-C arrête tout (PORT=8000)
	@exec $(BIN)/python -m coopconnexion.dev.run --port $(PORT)

test: $(READY) ## tous les tests, sur les moteurs embarqués (ARGS="-k mot")
	@exec $(ENGINES) --data test -- $(BIN)/python -m pytest $(ARGS)

e2e: $(READY) ## les tests dans un vrai navigateur (Chromium)
	@exec $(ENGINES) --data test -- $(BIN)/python -m pytest -m e2e -rs $(ARGS)

lint: $(READY) ## style, architecture, gabarits
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/djlint --lint templates --quiet

check: lint ## tout ce que vérifie l’intégration continue
	@$(ENGINES) --data test -- $(BIN)/python manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(MAKE) --no-print-directory test ARGS="-n 2 $(ARGS)"

bench: $(READY) ## mesurer le vrai serveur contre un Django nu (quelques minutes)
	@DEBUG=false exec $(ENGINES) --data bench -- $(BIN)/python -m tests.bench $(ARGS)

lock: $(READY) ## refaire requirements*.txt depuis pyproject.toml
	@$(LOCK) -o requirements.txt
	@$(LOCK) --extra dev -o requirements-dev.txt

migrations: $(READY) ## écrire les migrations qui manquent
	@$(ENGINES) -- $(BIN)/python manage.py makemigrations $(ARGS)

reset: $(READY) ## effacer les données de make run : il repart de zéro
	@$(BIN)/python -m coopconnexion.dev.engines reset

clean: reset ## effacer aussi l’environnement et tout ce qui se refait
	@rm -rf .run $(VENV) staticfiles .pytest_cache .ruff_cache .hypothesis
