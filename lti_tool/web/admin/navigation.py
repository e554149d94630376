"""The console's pages, in the order in which its navigation shows them. A page is added by its line here."""

from typing import NamedTuple

from config.words import N_


class Entry(NamedTuple):
    """A page of the navigation. `blueprint` is current on all of its views; `endpoint` is where the link leads."""

    endpoint: str
    title: str

    @property
    def blueprint(self) -> str:
        """Whose pages are this entry's."""
        return self.endpoint.partition(".")[0]


ENTRIES = (
    Entry("admin_overview.show", N_("Overview")),
    Entry("admin_platforms.show", N_("Platforms")),
    Entry("admin_invitations.show", N_("Invitations")),
    Entry("admin_launches.show", N_("Launches")),
    Entry("admin_grades.show", N_("Grades")),
    Entry("admin_ai.show", N_("AI")),
    Entry("admin_spend.show", N_("Spending on AI")),
    Entry("admin_admins.show", N_("Admins")),
    Entry("admin_audit.show", N_("Audit log")),
)
