"""« Profil, pour les chiffres »: what a holder chose to say of their situation, noted by who works for them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView

from coopconnexion.accounts.models import Person
from coopconnexion.backoffice import EditPage
from projects import services
from projects.forms.profiles import ProfileForm


class ProfileView(EditPage, FormView):
    """A reader, who does not do the daily work, is refused; a person of elsewhere does not exist."""

    form_class = ProfileForm
    template_name = "projects/profiles/profile.html"
    title = "Profil, pour les chiffres"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.row = get_object_or_404(Person.objects.visible_to(request.user), pk=kwargs["pk"])
        if not Person.objects.worked_by(request.user).filter(pk=self.row.pk).exists():
            raise PermissionDenied

    def get_trail(self):
        return [(str(self.row), self.get_success_url())]

    def get_initial(self):
        return ProfileForm.told(self.row)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "edited": self.row}

    def form_valid(self, form):
        day = timezone.localdate()
        try:
            profile = services.tell_profile(person=self.row, by=self.request.user, on=day, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(
            self.request, "C’est noté." if profile else "C’est noté\u202f: la personne préfère ne pas répondre."
        )
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=409 if form.meanwhile else 422)

    def get_success_url(self):
        return reverse("accounts_staff:person", args=[self.row.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.row, **kwargs)
