"""The vacancy of a town, from one survey to the next, with how it is counted."""

from django.db.models import Count
from django.utils import timezone
from django.views.generic import TemplateView

from coopconnexion.backoffice import StaffPage
from coopconnexion.periods import months_later
from premises.documents.vacancy import chart_of, compare, rates_of
from premises.enums import FollowUpDetail, FollowUpStatus
from premises.models import FollowUp, SurveyCampaign
from premises.views.campaigns import trail

MOST_SURVEYS = 24
ENDS = (FollowUpDetail.VACANCY_ENDED, FollowUpDetail.WAS_NOT_VACANT, FollowUpDetail.GONE)
YEAR = 12


class VacancyView(StaffPage, TemplateView):
    """One town at a time: the one that is asked for, or the last one that was walked."""

    template_name = "premises/vacancy/vacancy.html"
    title = "Vacance commerciale"

    def get_trail(self):
        return trail(1)

    def get_context_data(self, **kwargs):
        surveys = SurveyCampaign.objects.visible_to(self.request.user).closed().filter(streets=[])
        newest = list(surveys.select_related("commune", "territory").order_by("-starts_on", "-pk"))
        towns = {f"{each.territory_id}-{each.commune_id}": each for each in newest}
        asked = self.request.GET.get("commune", "")
        chosen = asked if asked in towns else next(iter(towns), "")
        return super().get_context_data(
            towns=sorted(towns.items(), key=lambda item: str(item[1].commune)),
            chosen=chosen,
            **(self.figures([each for each in newest if chosen == f"{each.territory_id}-{each.commune_id}"])),
            **kwargs,
        )

    def figures(self, newest: list[SurveyCampaign]) -> dict:
        if not newest:
            return {"last": None}
        series = rates_of(newest[:MOST_SURVEYS])
        return {
            "last": series[0],
            "series": series,
            "chart": chart_of(series[::-1]),
            "comparison": compare(newest[0]),
            "ends": self.ends(newest[0]),
        }

    def ends(self, survey: SurveyCampaign) -> list[tuple[str, int]]:
        """How many follow-ups ended in each way in twelve months; the first one alone is a success."""
        since = months_later(timezone.localdate(), -YEAR)
        rows = FollowUp.objects.filter(
            unit__territory=survey.territory_id, unit__commune=survey.commune_id, status=FollowUpStatus.DONE
        )
        rows = rows.filter(written_at__date__gt=since).values("detail").annotate(number=Count("unit", distinct=True))
        found = {row["detail"]: row["number"] for row in rows}
        return [(detail.label, found.get(detail, 0)) for detail in ENDS]
