"""Of which territory the list of what comes to an end speaks: it stands in the address."""

from django.db.models import F
from django_filters import ChoiceFilter, FilterSet

from coopconnexion.accounts.models import User
from coopconnexion.backoffice.tables import FilterForm, options
from coopconnexion.territories.models import Territory


class DueFilter(FilterSet):
    territoire = ChoiceFilter(label="Territoire", field_name="pk", empty_label="Tous")

    class Meta:
        form = FilterForm

    def __init__(self, data, *, user: User):
        super().__init__(data, Territory.objects.staffed_by(user))
        self.filters["territoire"].extra["choices"] = options(territoire=(self.queryset, F("name")))["territoire"]

    @property
    def territory_id(self) -> int | None:
        """The territory that is asked for; none when it is no choice, which finds nothing of another."""
        asked = self.form.is_valid() and self.form.cleaned_data["territoire"]
        return int(asked) if asked else None
