from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from coopconnexion.accounts.models import User

pytestmark = pytest.mark.django_db


def invite(email="zoe@example.org"):
    """Run the command; return the path of the link it prints."""
    output = StringIO()
    call_command("invite_manager", email, stdout=output)
    return urlsplit(output.getvalue().split()[-1]).path


def test_opening_the_link_signs_nobody_in(client):
    response = client.get(invite())
    assert (response.status_code, "Me connecter" in response.content.decode()) == (200, True)
    assert "_auth_user_id" not in client.session


def test_the_button_of_the_link_signs_the_manager_in_once(client):
    path = invite()
    response = client.post(path)
    user = User.objects.get()
    assert (response.status_code, client.session["_auth_user_id"], user.is_staff) == (302, str(user.pk), True)
    client.logout()
    assert [client.get(path).status_code, client.post(path).status_code] == [404, 404]
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "path", ["/compte/invitation/MQ/abc-def/", "/compte/invitation/zzz/abc/", "/compte/invitation/!/x/"]
)
def test_a_made_up_link_says_how_to_sign_in(client, path):
    response = client.get(path)
    assert (response.status_code, "Ce lien ne fonctionne plus" in response.content.decode()) == (404, True)


def test_what_is_not_an_address_is_refused_in_one_sentence():
    with pytest.raises(CommandError, match="n’est pas une adresse"):
        call_command("invite_manager", "zoe")
    assert User.objects.count() == 0
