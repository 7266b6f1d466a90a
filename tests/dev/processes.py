"""Start our own commands as a person at a terminal would."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX",
    "SITE_URL": "https://coop.example",
    "ALLOWED_HOSTS": "coop.example",
    "DATABASE_URL": "postgres:///x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
OURS = {
    "DATABASE_URL",
    "REDIS_URL",
    "DEBUG",
    "EMAIL_URL",
    "SECRET_KEY",
    "SITE_URL",
    "RUN_FOLDER",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
}


def surroundings(**variables: str) -> dict[str, str]:
    """Return the environment of a newcomer, nothing of ours set, and ``variables``."""
    mine = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**mine, "DJANGO_SETTINGS_MODULE": "coopconnexion.settings", **variables}


def python(*arguments: str, production: bool = False, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python to its end, 60 seconds at most."""
    environ = surroundings(**(PRODUCTION if production else {}), **variables)
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


def processes_of(folder):
    """Return the command lines that name a folder."""
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(folder) in line]


def engines_of(folder):
    return [line for line in processes_of(folder) if "bin/postgres" in line]
