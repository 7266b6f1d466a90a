"""The database of the tests, copied from one that is migrated once for each state of the migrations."""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import django
from django.apps import apps
from django.db import connection
from psycopg import sql

LOCK = 7_305_210  # any number: one process builds, the others wait


def migrated_template() -> str:
    """Return the name of a database with every migration applied, built when it is not there yet."""
    start = f"{connection.settings_dict['NAME']}_migrated_"
    name = f"{start}{_digest()}"
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [start])
        known = {row[0] for row in cursor.fetchall()}
        if name not in known:
            for old in known:
                drop_by_force(old, 0)
            _build(f"{name}_new")
            names = {"new": sql.Identifier(f"{name}_new"), "name": sql.Identifier(name)}
            cursor.execute(sql.SQL("ALTER DATABASE {new} RENAME TO {name}").format(**names))
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def drop_by_force(name: str, verbosity: int) -> None:
    """Drop a database of tests even when a thread or a killed run still holds a session on it."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _digest() -> str:
    """Sum up what the migrations are made of."""
    content = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            content.update(file.read_bytes())
    return content.hexdigest()[:12]


def _build(name: str) -> None:
    with _test_name(name):
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()


@contextmanager
def _test_name(name: str):
    settings = connection.settings_dict
    database, test = settings["NAME"], dict(settings["TEST"])
    settings["TEST"]["NAME"] = name
    try:
        yield
    finally:
        settings["NAME"], settings["TEST"] = database, test
