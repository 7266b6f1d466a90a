"""The pages of the units on offer that are kept ready: for whom, and until what changes."""

import pytest
from django.core.cache import cache
from redis.exceptions import RedisError

from premises.models import UnitPhoto
from tests.conftest import page
from tests.factories import UserFactory
from tests.premises.test_offers import LIST, found, offered, photo_url, picture_of

pytestmark = pytest.mark.django_db


def test_a_page_that_nobody_filtered_is_ready_for_every_visitor(client, django_assert_num_queries):
    offered()
    client.get(LIST)
    with django_assert_num_queries(1):
        client.get(LIST)


def test_who_is_signed_in_reads_a_page_of_their_own(client):
    offered()
    client.get(LIST)
    client.force_login(UserFactory())
    assert "Se déconnecter" in page(client, LIST)
    client.logout()
    assert "Se déconnecter" not in page(client, LIST)


def test_what_is_kept_follows_a_change_of_a_picture(client):
    unit = offered()
    client.get(LIST)
    photo = picture_of(unit)
    assert photo_url(photo) in page(client, LIST)
    UnitPhoto.objects.filter(pk=photo.pk).update(is_public=False)
    assert photo_url(photo) not in page(client, LIST)


@pytest.mark.parametrize("number", ["0", "abc", "9999", "-1", "1&page=2"])
def test_an_odd_number_of_page_still_answers(client, number):
    unit = offered()
    assert f'data-offer="{unit.pk}"' in page(client, f"{LIST}?page={number}")


def test_a_cache_that_is_away_only_costs_time(client, monkeypatch):
    unit = offered()

    def away(*args, **kwargs):
        raise RedisError

    monkeypatch.setattr(cache, "get", away)
    assert found(client) == [unit.pk]
