"""How to reach people is shown to those who work with them: a reader's back office hides it."""

from coopconnexion.backoffice.history import Version

SEE_CONTACTS = "accounts.see_contacts"


class HidesContacts:
    """Mixin of admins: neither show, search, filter nor tell ``contact_fields`` to who may not see contacts."""

    contact_fields = frozenset({"email", "phone"})

    def hides_contacts(self, request, obj=None) -> bool:
        """``obj``: the row shown; without one, all those of a list."""
        return not request.user.has_perm(SEE_CONTACTS, obj)

    def without_contacts(self, request, names) -> list:
        if not self.hides_contacts(request):
            return list(names)
        return [name for name in names if not self.is_contact(name)]

    def is_contact(self, name) -> bool:
        return isinstance(name, str) and not self.contact_fields.isdisjoint(name.lstrip("^=@").split("__"))

    def get_list_display(self, request):
        return self.without_contacts(request, super().get_list_display(request))

    def get_list_display_links(self, request, list_display):
        links = super().get_list_display_links(request, list_display) or []
        shown = [name for name in links if name in list_display]
        return shown or (list(list_display)[:1] if links else None)

    def get_search_fields(self, request):
        return self.without_contacts(request, super().get_search_fields(request))

    def get_fieldsets(self, request, obj=None):
        sets = super().get_fieldsets(request, obj)
        if not self.hides_contacts(request, obj):
            return sets
        return [(title, {**options, "fields": self.shown_fields(options["fields"])}) for title, options in sets]

    def shown_fields(self, fields) -> list:
        lines = [
            tuple(name for name in line if not self.is_contact(name)) if isinstance(line, list | tuple) else line
            for line in fields
        ]
        return [line for line in lines if line and not self.is_contact(line)]

    def lookup_allowed(self, lookup, value, request):
        if self.hides_contacts(request) and self.is_contact(lookup):
            return False
        return super().lookup_allowed(lookup, value, request)

    def told(self, request, versions: list[Version], obj=None) -> list[Version]:
        """Return what the history of ``obj`` may tell."""
        if self.hides_contacts(request, obj):
            names = [each for each in self.opts.fields if each.name in self.contact_fields]
            labels = {str(each.verbose_name)[:1].upper() + str(each.verbose_name)[1:] for each in names}
            for version in versions:
                version.changes[:] = [change for change in version.changes if change.label not in labels]
        return versions
