"""One registration, by the link of a message or from « mon espace »: see, confirm, withdraw. Nothing acts on GET."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView, TemplateView, View

from coopconnexion.pdf import PdfUnavailableError
from events import services
from events.documents.agenda import held_sessions
from events.documents.codes import code_svg
from events.documents.sheets import certificates_pdf, has_certificate
from events.enums import WithdrawnBy
from events.forms.registering import WithdrawForm
from events.models import Registration, RegistrationLink
from events.views.event import calendar_of

ACTIONS = ("", "confirm", "withdraw", "calendar", "code", "certificate")
RELATIONS = ("person", "event__venue__commune")


class RegistrationPage(View):
    """What the pages of one registration share: the row, and the addresses of its other pages."""

    url_prefix: str
    lookup: str

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.at = timezone.now()
        self.registration = None

    def dispatch(self, request, *args, **kwargs):
        self.registration = self.find_registration()
        if self.registration is None:
            return self.missing()
        return super().dispatch(request, *args, **kwargs)

    def find_registration(self) -> Registration | None:
        raise NotImplementedError

    def missing(self):
        raise Http404

    def url(self, action: str = "") -> str:
        name = f"events:{self.url_prefix}{'_' + action if action else ''}"
        return reverse(name, kwargs={self.lookup: self.kwargs[self.lookup]})

    def get_context_data(self, **kwargs):
        event = self.registration.event
        kwargs |= {
            "registration": self.registration,
            "event": event,
            "venue": event.venue,
            "sessions": held_sessions(event),
            "position": services.waiting_position(self.registration),
            "is_coming": self.registration.is_standing and event.cancelled_at is None and event.ends_at > self.at,
            "has_begun": event.starts_at <= self.at,
            "has_certificate": event.starts_at <= self.at and has_certificate(self.registration),
            "urls": {action or "see": self.url(action) for action in ACTIONS},
        }
        return super().get_context_data(**kwargs)

    def refused(self, refusal: ValidationError):
        """Say why on the registration's own page, which shows how things stand."""
        messages.error(self.request, " ".join(refusal.messages))
        return redirect(self.url())


@method_decorator([login_not_required, never_cache], name="dispatch")
class ByLink(RegistrationPage):
    """Opened by the token of a message, by whoever holds it; it opens nothing else."""

    url_prefix, lookup = "registration", "token"

    def find_registration(self):
        links = RegistrationLink.objects.opened_by(self.kwargs["token"], self.at)
        link = links.select_related(*(f"registration__{each}" for each in RELATIONS)).first()
        return link.registration if link else None

    def missing(self):
        return render(self.request, "events/manage/link_dead.html", status=404)


@method_decorator(never_cache, name="dispatch")
class ByAccount(RegistrationPage):
    """Opened from « mon espace » by who has verified the person's address."""

    url_prefix, lookup = "my_registration", "pk"

    def find_registration(self):
        registrations = Registration.objects.of_addresses_of(self.request.user).select_related(*RELATIONS)
        return registrations.filter(pk=self.kwargs["pk"]).first()


class SeeRegistration(TemplateView):
    template_name = "events/manage/registration.html"


class CalendarOfRegistration(View):
    """The sessions for one's own calendar; guests have no other page of the event."""

    def get(self, request, *args, **kwargs):
        return calendar_of(self.registration.event)


class CodeOfRegistration(View):
    """The code to show at the door, while one is expected."""

    def get(self, request, *args, **kwargs):
        if not self.registration.is_seated or self.registration.event.cancelled_at:
            raise Http404
        return HttpResponse(code_svg(self.registration), content_type="image/svg+xml")


class CertificateOfRegistration(View):
    """The certificate of who came; without Pango the page says so."""

    def get(self, request, *args, **kwargs):
        if not has_certificate(self.registration):
            raise Http404
        try:
            content = certificates_pdf(self.registration.event, [self.registration])
        except PdfUnavailableError:
            messages.error(request, "L’attestation ne peut pas être produite en ce moment\u202f: demandez-la nous.")
            return redirect(self.url())
        disposition = 'attachment; filename="attestation.pdf"'
        return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


class ConfirmRegistration(View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        try:
            registration = services.confirm_registration(registration=self.registration, at=self.at)
        except ValidationError as refusal:
            return self.refused(refusal)
        if registration.is_seated:
            messages.success(request, "C’est noté\u202f: nous vous attendons.")
        else:
            messages.success(request, "C’est noté\u202f: vous êtes sur la liste d’attente.")
        return redirect(self.url())


class WithdrawRegistration(FormView):
    form_class = WithdrawForm
    template_name = "events/manage/withdraw.html"

    def form_valid(self, form):
        try:
            services.withdraw_registration(
                registration=self.registration, by=WithdrawnBy.PARTICIPANT, at=self.at, **form.cleaned_data
            )
        except ValidationError as refusal:
            return self.refused(refusal)
        messages.success(self.request, "Vous ne venez plus\u202f: c’est noté, merci de nous avoir prévenus.")
        return redirect(self.url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class LinkedRegistrationView(ByLink, SeeRegistration):
    pass


class LinkedRegistrationConfirmView(ByLink, ConfirmRegistration):
    pass


class LinkedRegistrationCalendarView(ByLink, CalendarOfRegistration):
    pass


class LinkedRegistrationCodeView(ByLink, CodeOfRegistration):
    pass


class LinkedRegistrationCertificateView(ByLink, CertificateOfRegistration):
    pass


class MyRegistrationCalendarView(ByAccount, CalendarOfRegistration):
    pass


class MyRegistrationCodeView(ByAccount, CodeOfRegistration):
    pass


class MyRegistrationCertificateView(ByAccount, CertificateOfRegistration):
    pass


class LinkedRegistrationWithdrawView(ByLink, WithdrawRegistration):
    pass


class MyRegistrationView(ByAccount, SeeRegistration):
    pass


class MyRegistrationConfirmView(ByAccount, ConfirmRegistration):
    pass


class MyRegistrationWithdrawView(ByAccount, WithdrawRegistration):
    pass
