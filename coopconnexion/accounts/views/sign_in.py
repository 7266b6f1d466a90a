from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from coopconnexion.accounts.models import User
from coopconnexion.accounts.services import accept_invitation, invitation_tokens


@method_decorator([never_cache, login_not_required], name="dispatch")
class InvitationView(TemplateView):
    """The first sign-in of who was invited: opening the link shows a button, the button signs in."""

    template_name = "accounts/invitation.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.invited = self.find_invited(**kwargs)

    @staticmethod
    def find_invited(uid: str, token: str) -> User | None:
        try:
            user = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
        except (ValueError, OverflowError):
            return None
        return user if invitation_tokens.check_token(user, token) else None

    def render_to_response(self, context, **response_kwargs):
        status = 200 if self.invited else 404
        return super().render_to_response({**context, "invited": self.invited}, status=status, **response_kwargs)

    def post(self, request, *args, **kwargs):
        if self.invited is None:
            return self.get(request, *args, **kwargs)
        accept_invitation(user=self.invited)
        record_authentication(request, self.invited, method="invitation")
        return perform_login(request, Login(user=self.invited, email=self.invited.email))
