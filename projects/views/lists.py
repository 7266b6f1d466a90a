"""The board and the list: the same filters, kept in the address; exports of exactly what is filtered."""

from functools import cached_property

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import ListView, TemplateView, View

from coopconnexion import sheets
from coopconnexion.accounts.enums import Role
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.accounts.services import ask_export
from coopconnexion.backoffice import StaffPage
from coopconnexion.backoffice.bulk import MOST_ROWS
from coopconnexion.backoffice.exports import is_long, later
from coopconnexion.backoffice.tables import InAddress, addresses, laid_out
from projects.documents.board import board
from projects.documents.cards import cards, in_a_row
from projects.documents.table import header, table
from projects.filters import ProjectFilter
from projects.views.pages import BOARD_NAME, LIST_NAME, PAGE_NAME, TRAIL

COLUMNS = (
    ("titre", "Projet"),
    ("porteur", "Porteur·se"),
    ("etape", "Étape"),
    ("referent", "Référent·e"),
    ("prochaine", "Prochaine étape"),
    ("suivi", "Dernier suivi"),
    ("cree", "Ouvert le"),
)
ACTIONS = (
    ("projects_staff:projects_hand_over", "Confier"),
    ("projects_staff:projects_close", "Terminer"),
    ("projects_staff:projects_archive", "Archiver"),
    ("projects_staff:projects_unarchive", "Désarchiver"),
)
FOLDED = ("theme", "provenance", "sans_suivi", "archives", "essais", "retard")
"""Filters that are unfolded once they are used."""
NEWEST_ON_TOP = frozenset({"suivi", "cree"})


class FilteredPage(InAddress, StaffPage):
    """A page of the projects that the filters of its address let through."""

    columns, newest_on_top, folded = COLUMNS, NEWEST_ON_TOP, FOLDED
    unused = ()

    @cached_property
    def filters(self) -> ProjectFilter:
        return ProjectFilter(self.request.GET, user=self.request.user, unused=self.unused)

    @property
    def can_add(self) -> bool:
        return self.request.user.territory_ids(Role.MANAGER, Role.ADVISOR) != set()

    def get_context_data(self, **kwargs):
        page = {
            "form": self.filters.form,
            "is_narrow": self.is_narrow,
            "can_add": self.can_add,
            "query": self.query(),
        }
        return super().get_context_data(**(page | kwargs))


class BoardView(FilteredPage, TemplateView):
    """A column per stage; what is over is folded."""

    title = "Projets"
    template_name = "projects/board.html"
    unused = ("etape", "archives", "tri")

    def get_context_data(self, **kwargs):
        columns = board(self.filters.rows, at=timezone.now())
        works_in = self.request.user.territory_ids(Role.MANAGER, Role.ADVISOR)
        return super().get_context_data(
            columns=[(column, self.query(etape=column.stage.value, tri="prochaine")) for column in columns],
            total=sum(column.count for column in columns),
            works_everywhere=works_in is None,
            works_in=works_in or (),
            back=self.request.get_full_path(),
            **kwargs,
        )


class ProjectListView(FilteredPage, ListView):
    """The table of projects, by any of its columns."""

    title = "Liste des projets"
    template_name = "projects/project_list.html"
    context_object_name = "projects"
    paginate_by = 50
    keeps_filters = True

    def get_trail(self):
        return [(TRAIL, reverse(BOARD_NAME))]

    def get_queryset(self):
        return in_a_row(self.filters.rows)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(headings=self.headings(), **kwargs)
        actions = ACTIONS if self.can_add else ()
        rows = laid_out(
            "projects/list.html",
            cards=cards(context["projects"], at=timezone.now()),
            address=addresses(PAGE_NAME),
            with_boxes=bool(actions),
        )
        return context | {"rows": rows, "total": context["paginator"].count, "actions": actions, "limit": MOST_ROWS}


class ExportView(FilteredPage, View):
    """What the list shows, all pages of it, as a file; a worker writes a long one."""

    extension = ""

    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        if not self.filters.form.is_valid():
            return redirect(f"{reverse(LIST_NAME)}?{self.query()}")
        if is_long(request, number := self.filters.rows.count()):
            return later(request, ask_export, title="Projets", filename=self.filename, rows=number)
        with_contacts = can_see_contacts(request.user)
        return self.answer(header(with_contacts=with_contacts), table(self.filters.rows, user=request.user))

    @property
    def filename(self) -> str:
        return f"projets-{timezone.localdate():%Y-%m-%d}.{self.extension}"

    def answer(self, header, rows) -> HttpResponseBase:
        raise NotImplementedError


class ProjectsCsvView(ExportView):
    extension = "csv"

    def answer(self, header, rows):
        return sheets.csv_response(self.filename, header, rows)


class ProjectsXlsxView(ExportView):
    extension = "xlsx"

    def answer(self, header, rows):
        return sheets.xlsx_response(self.filename, header, rows, "Projets")
