"""What a lab's page says before a conversation begins: what is agreed to, the rules, and the ways in."""

from course.consents import consent_version
from course.conversations import NO_PARTNER
from course.items import Lab, WrittenAnswer
from course.models import Placement
from lti_tool.outbox import find_line_item
from lti_tool.web.current import services
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import duration, gettext, ngettext
from lti_tool.web.journeys import access_of
from lti_tool.web.lab_views import BeforeView, WayIn
from lti_tool.web.lab_words import told_about, without_partner
from lti_tool.web.quiz_facts import COUNTS_TEXTS


def before_view(visit: Visit, home: Placement, lab: Lab, number: int) -> BeforeView:
    """The view for an attempt of this number at the course file's lab."""
    partner = services().replies.partner_on_offer(visit.session, home.context_key)
    ways = [WayIn(partner, consent_version(partner), _start_text(visit, number))]
    if access_of(visit, home, lab).policy.written_answer == WrittenAnswer.ALLOWED:
        text = gettext("Agree and write one answer instead")
        ways.append(WayIn(NO_PARTNER, consent_version(NO_PARTNER), text, note=without_partner()))
    return BeforeView(
        told=told_about(partner, lab.partner.name),
        facts=_facts(visit, home, lab),
        start_action=visit.url("labs.start", item_id=lab.id),
        ways=tuple(ways),
    )


def _start_text(visit: Visit, number: int) -> str:
    if visit.occupant.is_instructor:
        return gettext("Agree and start a preview")
    return gettext("Agree and start") if number == 1 else gettext("Agree and start attempt %(number)s", number=number)


def _facts(visit: Visit, home: Placement, lab: Lab) -> tuple[str, ...]:
    policy = access_of(visit, home, lab).policy
    facts = [
        ngettext(
            "You have %(num)s turn. It usually takes %(time)s; you can leave and come back.",
            "You have %(num)s turns. It usually takes %(time)s; you can leave and come back.",
            lab.max_turns,
            time=duration(lab.minutes),
        )
    ]
    if policy.attempts is not None:
        facts.append(ngettext("You have %(num)s attempt.", "You have %(num)s attempts.", policy.attempts))
    if policy.attempts != 1:
        facts.append(str(COUNTS_TEXTS[policy.counts]))
    if visit.occupant.is_instructor:
        facts.append(gettext("As an instructor you preview it: nothing is graded."))
    elif find_line_item(visit.session, home.id, lab.id) is None:
        facts.append(gettext("No gradebook column belongs to this lab: your result stays here."))
    else:
        facts.append(gettext("When it has been graded, your result goes to your course’s gradebook."))
    return tuple(facts)
