from datetime import date, timedelta
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from coopconnexion.uploads import picture
from members.models import Business, PublicCard
from members.services import edit_card, publish_card, record_departure
from tests.factories import (
    BusinessFactory,
    CommuneFactory,
    MemberFactory,
    PersonLinkFactory,
    TerritoryFactory,
    ThemeFactory,
    UserFactory,
)
from tests.members.reference import exit_reason

pytestmark = pytest.mark.django_db
DIRECTORY = "members:directory"


def shown(name="Le Fournil", **fields) -> PublicCard:
    business = BusinessFactory(**{"name": name, "opened_on": date(2024, 1, 1), "commune": CommuneFactory()} | fields)
    return publish_card(business=business, agreed_by=UserFactory(), at=timezone.now())


def photo(size=(300, 200)) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", size, "teal").save(content, "JPEG", exif=Image.Exif())
    return SimpleUploadedFile("atelier.jpg", content.getvalue(), "image/jpeg")


class TestTheDirectory:
    def test_it_shows_the_open_businesses_that_agreed_and_no_other(self, client):
        shown("Le Fournil")
        gone = shown("Partie")
        Business.objects.filter(pk=gone.business_id).update(closed_on=timezone.localdate())
        withdrawn = shown("Retirée")
        PublicCard.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now())
        PublicCard.objects.create(business=BusinessFactory(name="Muette", opened_on=date(2024, 1, 1)))

        page = client.get(reverse(DIRECTORY)).content.decode()

        assert [name in page for name in ("Le Fournil", "Partie", "Retirée", "Muette")] == [True, False, False, False]

    def test_it_shows_what_is_open_even_since_nobody_knows_when_and_waits_for_the_rest(self, client):
        shown("Ancienne", opened_on=None)
        shown("Future", opened_on=timezone.localdate() + timedelta(days=1))
        page = client.get(reverse(DIRECTORY)).content.decode()
        assert [name in page for name in ("Ancienne", "Future")] == [True, False]

    def test_it_links_to_the_sites_without_vouching_for_them(self, client):
        shown()
        PublicCard.objects.update(website="https://exemple.example/")
        link = '<a itemprop="sameAs" href="https://exemple.example/" rel="noopener nofollow">'
        assert link in client.get(reverse(DIRECTORY)).content.decode()

    def test_its_queries_are_four_at_most_and_do_not_grow(self, client, django_assert_max_num_queries):
        counts = []
        for number in (1, 3):
            for _ in range(number):
                shown(f"Entreprise {number}").business.themes.add(ThemeFactory())
            with django_assert_max_num_queries(4) as captured:
                client.get(reverse(DIRECTORY))
            counts.append(len(captured))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"q": "epicerie"}, ["L’Épicerie"]),
            ({"q": "FOURNIL pain"}, ["Le Fournil"]),
            ({"q": "zzz"}, []),
            ({"theme": "circuits-courts"}, ["L’Épicerie"]),
            ({"commune": "62498"}, ["Le Fournil"]),
            ({"theme": "n-existe-pas"}, []),
            ({"commune": "'; drop"}, []),
        ],
    )
    def test_it_is_searched_without_accents_by_theme_and_by_town(self, client, asked, found):
        grocery = shown("L’Épicerie", activity="alimentation")
        grocery.business.themes.add(ThemeFactory(key="circuits-courts"))
        shown("Le Fournil", activity="pain au levain", commune=CommuneFactory(insee_code="62498", name="Lens"))
        cards = client.get(reverse(DIRECTORY), asked).context["cards"]
        assert [card.business.name for card in cards] == found

    def test_an_empty_one_says_so(self, client):
        assert "encore vide" in client.get(reverse(DIRECTORY)).content.decode()

    def test_nothing_changed_answers_304(self, client):
        shown()
        etag = client.get(reverse(DIRECTORY))["ETag"]
        assert client.get(reverse(DIRECTORY), headers={"if-none-match": etag}).status_code == 304

    def test_a_card_names_no_member_and_its_words_are_harmless(self, client):
        card = shown("<script>alert(1)</script>")
        card.business.members.add(MemberFactory(person__last_name="Secrète"))
        PublicCard.objects.update(website="https://exemple.example/", description="<img src=x onerror=alert(1)>")
        page = client.get(reverse("members:card", args=[card.pk])).content.decode()
        assert ("<script>alert" in page, "<img src=x" in page, "Secrète" in page) == (False, False, False)
        assert 'rel="noopener nofollow"' in page

    def test_a_card_withdrawn_is_missing_with_its_picture(self, client):
        card = shown()
        edit_card(
            business=card.business,
            description="",
            website="",
            picture_description="L’atelier",
            picture=photo_made(),
            at=timezone.now(),
        )
        card.refresh_from_db()
        picture = reverse("members:card_picture", args=[card.picture_name])
        response = client.get(picture)
        assert (response.status_code, response["Content-Type"], "immutable" in response["Cache-Control"]) == (
            200,
            "image/webp",
            True,
        )
        assert b"".join(response.streaming_content).startswith(b"RIFF")
        PublicCard.objects.update(withdrawn_at=timezone.now())
        urls = (reverse("members:card", args=[card.pk]), picture)
        assert [client.get(url).status_code for url in urls] == [404, 404]

    @pytest.mark.parametrize("name", ["..%2Fprivate%2Fx", "x.webp", "%2e%2e"])
    def test_no_other_file_is_served(self, client, name):
        assert client.get(f"/membres/images/{name}").status_code == 404


def photo_made():
    return picture(photo(), max_side=400)


class TestOwnCard:
    @pytest.fixture
    def business(self):
        return BusinessFactory(opened_on=date(2024, 1, 1))

    @pytest.fixture
    def owner(self, client, business):
        member = MemberFactory()
        business.members.add(member)
        user = PersonLinkFactory(person=member.person).user
        client.force_login(user)
        return user

    def url(self, business):
        return reverse("members:card_edit", args=[business.pk])

    def test_a_member_writes_shows_and_withdraws_it(self, client, business, owner):
        typed = {"description": "Du pain", "website": "fournil.example", "publish": "1"}
        assert client.post(self.url(business), typed).status_code == 302
        card = PublicCard.objects.get()
        assert (card.description, card.website, card.agreed_by) == ("Du pain", "https://fournil.example", owner)
        assert "Du pain" in client.get(reverse("members:card", args=[card.pk])).content.decode()
        client.post(self.url(business), {"withdraw": "1"})
        assert client.get(reverse("members:card", args=[card.pk])).status_code == 404

    def test_a_picture_is_made_anew_and_described(self, client, business, owner):
        typed = {"picture": photo(), "picture_description": "L’atelier", "publish": "1"}
        assert client.post(self.url(business), typed).status_code == 302
        first = PublicCard.objects.get().picture.name
        assert first.endswith(".webp")
        assert client.post(self.url(business), {"remove_picture": "on", "keep": "1"}).status_code == 302
        card = PublicCard.objects.get()
        assert (card.picture.name, card.picture_description) == ("", "")

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"website": "javascript:alert(1)"}, "id_website_error"),
            ({"description": "x" * 601}, "600"),
            ({"picture": SimpleUploadedFile("a.jpg", b"%PDF-1.4", "image/jpeg")}, "id_picture_error"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_kept(self, client, business, owner, typed, words):
        response = client.post(self.url(business), {"description": "Du pain", "publish": "1"} | typed)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not PublicCard.objects.exists()

    def test_a_picture_without_words_is_refused(self, client, business, owner):
        response = client.post(self.url(business), {"picture": photo(), "publish": "1"})
        assert (response.status_code, "Décrivez l’image" in response.content.decode()) == (422, True)

    def test_somebody_else_finds_nothing(self, client, business):
        stranger = PersonLinkFactory(person=MemberFactory().person).user
        client.force_login(stranger)
        assert client.get(self.url(business)).status_code == 404

    def test_two_who_carry_it_write_it_both_and_who_has_left_no_more(self, client, business, owner):
        other = MemberFactory()
        business.members.add(other)
        client.force_login(PersonLinkFactory(person=other.person).user)
        assert client.post(self.url(business), {"description": "À deux", "publish": "1"}).status_code == 302
        record_departure(
            member=other, left_on=date(2026, 1, 1), reason=exit_reason(), note="", by=None, at=timezone.now()
        )
        assert client.post(self.url(business), {"withdraw": "1"}).status_code == 404
        assert self.url(business) not in client.get(reverse("site:my_space")).content.decode()
        client.force_login(owner)
        assert "À deux" in client.get(self.url(business)).content.decode()

    def test_the_second_to_write_it_is_told_what_the_first_wrote(self, client, business, owner):
        card = PublicCard.objects.create(business=business, description="Du pain")
        form = client.get(self.url(business)).context["form"]
        PublicCard.objects.filter(pk=card.pk).update(description="Du pain et des brioches")
        typed = {"description": "Du pain bio", "version": form["version"].value(), "keep": "1"}
        response = client.post(self.url(business), typed)
        card.refresh_from_db()
        assert (response.status_code, card.description) == (422, "Du pain et des brioches")
        shown = response.content.decode()
        assert ("Modifié entre-temps" in shown, "Du pain bio" in shown) == (True, True)

    @pytest.mark.parametrize(
        ("opening", "closing", "words"),
        [
            pytest.param(-9, None, "est dans l’annuaire", id="open"),
            pytest.param(+9, None, "attend l’ouverture", id="to open"),
            pytest.param(-9, -1, "n’est plus dans l’annuaire", id="closed"),
        ],
    )
    def test_it_says_where_the_card_stands(self, client, business, owner, opening, closing, words):
        today = timezone.localdate()
        business.opened_on = today + timedelta(days=opening)
        business.save()
        publish_card(business=business, agreed_by=owner, at=timezone.now())
        business.closed_on = closing and today + timedelta(days=closing)
        business.save()
        page = client.get(self.url(business)).content.decode()
        assert (words in page, 'name="withdraw"' in page) == (True, True)

    def test_a_verified_address_is_not_enough(self, client, business):
        member = MemberFactory()
        business.members.add(member)
        user = UserFactory(email=member.person.email)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        client.force_login(user)
        assert client.get(self.url(business)).status_code == 404

    def test_staff_note_the_agreement_of_their_territory_alone(self, client, business):
        territory = TerritoryFactory()
        business.members.add(MemberFactory(territory=territory))
        url = reverse("members_staff:card_edit", args=[business.pk])
        for user, status in [
            (UserFactory(advisor=True, territory=TerritoryFactory()), 404),
            (UserFactory(reader=True, territory=territory), 403),
            (UserFactory(advisor=True, territory=territory), 302),
        ]:
            client.force_login(user)
            assert client.post(url, {"description": "Du pain", "publish": "1"}).status_code == status
        assert PublicCard.objects.get().agreed_by == user


def test_a_closed_business_is_not_shown():
    with pytest.raises(ValidationError) as refusal:
        publish_card(
            business=BusinessFactory(opened_on=date(2020, 1, 1), closed_on=date(2021, 1, 1)),
            agreed_by=UserFactory(),
            at=timezone.now(),
        )
    assert refusal.value.code == "business_closed"
