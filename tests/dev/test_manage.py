import pytest

from tests.dev.processes import PRODUCTION, python


@pytest.mark.parametrize("name", ["SECRET_KEY", "REDIS_URL"])
def test_production_refuses_to_start_half_configured_in_one_sentence(name):
    variables = {key: value for key, value in PRODUCTION.items() if key != name}
    done = python("manage.py", "check", **variables)
    sentence = f"La variable d’environnement {name} est obligatoire hors développement.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)
