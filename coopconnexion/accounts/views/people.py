"""The page of a person for staff: who it is, what every app knows, what may be done with it."""

from functools import cached_property

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.generic import TemplateView, View

from coopconnexion.accounts import personal_data, services
from coopconnexion.accounts.doubles import ALIKE, sharing_contact
from coopconnexion.accounts.models import Person, PersonMerge, User
from coopconnexion.backoffice import StaffPage, history_page


class PersonPage(StaffPage):
    """A page about the person ``pk``; the number of a row that was merged leads to the one kept."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_staff:
            raise Http404
        if merge := self.merged_row():
            messages.info(request, f"Cette fiche a été réunie à celle de {merge.kept}.")
            return redirect("accounts_staff:person", merge.kept_id)
        self.person = self.find(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def merged_row(self) -> PersonMerge | None:
        merges = PersonMerge.objects.visible_to(self.request.user).select_related("kept")
        return merges.filter(gone_pk__in=[self.kwargs["pk"], self.kwargs.get("other", 0)]).first()

    def find(self, pk: int) -> Person:
        return get_object_or_404(Person.objects.visible_to(self.request.user).select_related("commune"), pk=pk)

    def works_for(self, *people: Person) -> bool:
        keys = {person.pk for person in people}
        return Person.objects.worked_by(self.request.user).filter(pk__in=keys).count() == len(keys)

    def disposes_of(self, person: Person) -> bool:
        """Tell whether the user may export and erase: the direction alone, where other territories know the person."""
        return self.works_for(person) and not (
            Person.objects.known_elsewhere(self.request.user).filter(pk=person.pk).exists()
        )

    def get_trail(self):
        return [
            ("Personnes", reverse("admin:accounts_person_changelist")),
            (str(self.person), reverse("accounts_staff:person", args=[self.person.pk])),
        ]


class PersonView(PersonPage, TemplateView):
    template_name = "accounts/person.html"

    def get_title(self):
        return str(self.person)

    def get_trail(self):
        return super().get_trail()[:1]

    @cached_property
    def sharing(self) -> list[Person]:
        return list(sharing_contact(self.person).visible_to(self.request.user).filter(is_apart=False))

    def get_context_data(self, **kwargs):
        person, is_worked = self.person, self.works_for(self.person)
        return super().get_context_data(
            person=person,
            links=person.user_links.select_related("user").order_by("user__email", "pk"),
            addresses=accounts_by_address(person),
            doubles=[each for each in self.sharing if each.likeness >= ALIKE],
            others=[each for each in self.sharing if each.likeness < ALIKE],
            merges=person.merges.select_related("merged_by").order_by("-merged_at", "-pk"),
            sees_contacts=is_worked,
            is_worked=is_worked,
            is_disposed_of=self.disposes_of(person),
            **kwargs,
        )


def accounts_by_address(person: Person) -> list[User]:
    """Return the accounts that proved the person's address, which opens appointments and projects."""
    if not person.email:
        return []
    proved = EmailAddress.objects.filter(email__iexact=person.email, verified=True).values("user")
    return list(User.objects.filter(pk__in=proved).order_by("pk"))


class PersonFormerView(PersonPage, TemplateView):
    """The history of a row that was merged into this one."""

    template_name = "accounts/person_former.html"

    def get_title(self):
        return f"Fiche n° {self.merge.gone_pk}, réunie à celle-ci"

    def get_context_data(self, **kwargs):
        page = history_page(Person(pk=self.merge.gone_pk), self.request.GET.get("page"))
        return super().get_context_data(person=self.person, merge=self.merge, page=page, **kwargs)

    def get(self, request, *args, **kwargs):
        self.merge = get_object_or_404(self.person.merges.select_related("merged_by"), pk=kwargs["merge_pk"])
        if not self.works_for(self.person):
            raise PermissionDenied
        return super().get(request, *args, **kwargs)


class PersonExportView(PersonPage, View):
    """What is held about a person and its reader may read, as a file to hand over; it names who completes it."""

    def get(self, request, *args, **kwargs):
        if not self.disposes_of(self.person):
            raise PermissionDenied
        name = slugify(str(self.person)) or "personne"
        return JsonResponse(
            services.export_person(self.person, reader=request.user),
            json_dumps_params={"ensure_ascii": False, "indent": 2},
            headers={
                "Content-Disposition": f'attachment; filename="donnees-{name}.json"',
                "X-Content-Type-Options": "nosniff",
            },
        )


class PersonEraseView(PersonPage, TemplateView):
    """What would go and what forbids it, then one button."""

    template_name = "accounts/person_erase.html"

    def get_title(self):
        return f"Effacer {self.person}"

    def dispatch(self, request, *args, **kwargs):
        self.at = timezone.now()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        if not self.disposes_of(self.person):
            raise PermissionDenied
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if not self.disposes_of(self.person):
            raise PermissionDenied
        try:
            services.erase_person(person=self.person, at=self.at)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("accounts_staff:person_erase", self.person.pk)
        messages.success(request, "C’est effacé : il ne reste que des chiffres sans nom.")
        return redirect("accounts_staff:person", self.person.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            person=self.person,
            held=personal_data.held_counts(self.person),
            blockers=personal_data.blockers(self.person, self.at),
            **kwargs,
        )
