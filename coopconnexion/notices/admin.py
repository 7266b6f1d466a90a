from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.accounts.permissions import may
from coopconnexion.backoffice import TrackedAdmin
from coopconnexion.french import count_words
from coopconnexion.notices import services
from coopconnexion.notices.models import Message


def kind_words() -> dict[str, str]:
    """Return the French name of each kind, as the apps that write messages declare them (``message_kinds``)."""
    return {
        kind: words for config in apps.get_app_configs() for kind, words in getattr(config, "message_kinds", {}).items()
    }


class StateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"
    STATES = {
        "attente": ("en attente", {"sent_at": None, "failed_at": None, "expired_at": None}),
        "envoye": ("envoyés", {"sent_at__isnull": False}),
        "a-voir": ("refusés, à voir", {"failed_at__isnull": False, "seen_at": None}),
        "refuse": ("refusés", {"failed_at__isnull": False}),
        "perime": ("périmés", {"expired_at__isnull": False}),
    }

    def lookups(self, request, model_admin):
        return [(key, words) for key, (words, _) in self.STATES.items()]

    def queryset(self, request, queryset):
        _, condition = self.STATES.get(self.value(), ("", {}))
        return queryset.filter(**condition)


class KindFilter(admin.SimpleListFilter):
    title = "nature"
    parameter_name = "nature"

    def lookups(self, request, model_admin):
        return sorted(kind_words().items(), key=lambda pair: pair[1])

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(TrackedAdmin):
    """What was sent to whom, and what did not get there; nobody edits a message."""

    contact_fields = frozenset({"to_email", "recipient", "shown_text"})
    list_display = ["subject", "to_email", "kind_name", "state_word", "attempts", "written_at"]
    list_filter = [StateFilter, KindFilter]
    list_select_related = ["person"]
    search_fields = ["to_email", "to_name", "subject", "person__last_name"]
    search_help_text = "Nom, courriel ou objet"
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-pk"]
    actions = ["resend", "mark_seen"]
    fieldsets = [
        (None, {"fields": ["subject", "kind_name", "recipient", "person", "state_word", "shown_text", "file_names"]}),
        (
            "Acheminement",
            {
                "fields": [
                    "created_at", "due_at", "expires_at", "attempts", "sent_at",
                    "failed_at", "expired_at", "seen_at", "last_error", "message_id",
                ]
            },
        ),
    ]  # fmt: skip

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_handle_permission(self, request):
        """May do something about a refusal."""
        return may(request.user, "change", "notices.message")

    @admin.display(description="écrit le", ordering="created_at")
    def written_at(self, message):
        return f"{timezone.localtime(message.created_at):%d/%m/%Y %H:%M}"

    @admin.display(description="nature", ordering="kind")
    def kind_name(self, message):
        return kind_words().get(message.kind, message.kind)

    @admin.display(description="destinataire", ordering="to_email")
    def recipient(self, message):
        return f"{message.to_name} <{message.to_email}>" if message.to_name else message.to_email

    @admin.display(description="état")
    def state_word(self, message):
        return f"{message.state}, vu" if message.failed_at and message.seen_at else message.state

    @admin.display(description="texte")
    def shown_text(self, message):
        return message.shown_text

    @admin.display(description="pièces jointes")
    def file_names(self, message):
        return ", ".join(message.attachments.order_by("pk").values_list("filename", flat=True)) or "aucune"

    @admin.action(description="Renvoyer les messages refusés", permissions=["handle"])
    def resend(self, request, queryset):
        done = 0
        for message in queryset.order_by("pk"):
            try:
                services.resend_message(message=message, at=timezone.now())
                done += 1
            except ValidationError as refusal:
                self.message_user(request, f"{message} : {refusal.messages[0]}", messages.WARNING)
        if done:
            self.message_user(request, f"{count_words(done, 'message')} à renvoyer : l’envoi part dans un instant.")

    @admin.action(description="Marquer comme vu", permissions=["handle"])
    def mark_seen(self, request, queryset):
        for message in queryset.order_by("pk"):
            services.mark_failure_seen(message=message, at=timezone.now())
        self.message_user(request, "Ces refus ne figurent plus parmi ce qui reste à faire.")
