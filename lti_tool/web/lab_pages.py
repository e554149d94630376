"""A lab as its page shows it: before, in conversation, handed in."""

from collections.abc import Sequence

from course.access import AccessState
from course.attempts import lab_of
from course.conversations import (
    BY_AUTHOR,
    FAILED,
    HANDED_IN,
    MODEL,
    MOST_CHARACTERS,
    MOST_WRITTEN,
    NO_PARTNER,
    SCRIPTED,
    STREAMING,
    STUDENT,
    SUPPORT,
    Line,
    conversation_of,
    is_replying,
    turns_left,
    turns_of,
)
from course.distress import needs_support
from course.items import Lab
from course.models import Attempt, Conversation, Placement, Turn
from grading.service import outcomes_of
from lti_tool.web.attempts import attempts_at
from lti_tool.web.current import services
from lti_tool.web.frames import frame_for, item_url, linked
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext, moment, ngettext, percent
from lti_tool.web.journeys import access_of
from lti_tool.web.lab_before import before_view
from lti_tool.web.lab_results import fate_of, marks_of
from lti_tool.web.lab_views import (
    Brief,
    ComposerView,
    CriterionView,
    HandInView,
    LabPage,
    LevelView,
    PastLab,
    RefusedAppeal,
    TurnView,
)
from lti_tool.web.lab_words import (
    AI_NOTICE,
    DEFAULT_SUPPORT,
    LEVEL_NAMES,
    OFF_NOTICE,
    SCRIPTED_NOTICE,
    WRITTEN_NOTICE,
    failure_text,
    turns_left_text,
)
from lti_tool.web.quote_marks import Mark, paragraphs
from lti_tool.web.sentences import sentence, time_element
from lti_tool.web.wording import points_text


def lab_page(visit: Visit, home: Placement, lab: Lab, *, asks: bool = False) -> LabPage:
    """The lab as a learner finds it: the open attempt if there is one, else the last one, else the start.
    `asks`: handing in was pressed once; ask whether it is meant."""
    attempts = attempts_at(visit, home, lab.id)
    current = next((one for one in attempts if one.submitted_at is None), attempts[-1] if attempts else None)
    if current is None:
        return _before(visit, home, lab)
    return attempt_page(visit, home, current, asks=asks)


def attempt_page(
    visit: Visit, home: Placement, attempt: Attempt, *, asks: bool = False, refused: RefusedAppeal | None = None
) -> LabPage:
    """One attempt, by the lab as it was when the attempt began. `refused`: an appeal that was just not taken."""
    lab = lab_of(attempt)
    attempts = attempts_at(visit, home, lab.id)
    conversation = conversation_of(visit.session, attempt)
    turns = turns_of(visit.session, attempt.id)
    is_open = attempt.submitted_at is None
    if is_open and is_replying(turns):
        services().replies.look_after(turns[-1].id)  # without scripts nobody else asks for it when its writer has died
    fate = None if is_open else fate_of(visit, home, attempt, conversation.partner, refused=refused)
    marks = marks_of(fate)
    now = visit.course.find_item(lab.id)
    has_open = any(one.submitted_at is None for one in attempts)
    can_start = not has_open and isinstance(now, Lab) and _may_start(visit, home, now)
    return LabPage(
        frame=frame_for(visit, now or lab),
        title=lab.title,
        phase="open" if is_open else "submitted",
        attempt_text=_attempt_text(lab, attempt),
        brief=_brief(visit, lab),
        partner_name=lab.partner.name,
        partner_role=lab.partner.role if conversation.partner == MODEL else "",
        notices=_notices(visit, home, conversation.partner, attempt),
        support_text=support_text(),
        shows_support=any(turn.role == STUDENT and needs_support(turn.text) for turn in turns),
        turns=tuple(
            turn_view(visit, lab, attempt, conversation, turn, marks=marks.get(turn.number, ()))
            for turn in _shown(turns, is_open=is_open)
        ),
        composer=_composer(visit, lab, attempt, conversation, turns) if is_open else None,
        hand_in=_hand_in(visit, lab, attempt, conversation, turns, asks=asks) if is_open else None,
        fate=fate,
        past=_past(visit, attempts) if not is_open and len(attempts) > 1 else (),
        copy_href="" if is_open else visit.url("labs.copy", attempt_key=attempt.key),
        standing_href=visit.url("labs.standing", attempt_key=attempt.key) if fate and not fate.is_settled else "",
        start_again=before_view(visit, home, now, len(attempts) + 1) if can_start and isinstance(now, Lab) else None,
    )


def turn_view(
    visit: Visit, lab: Lab, attempt: Attempt, conversation: Conversation, turn: Turn, *, marks: Sequence[Mark] = ()
) -> TurnView:
    """One turn of the conversation, with the words of it that a result quotes."""
    is_student = turn.role == STUDENT
    state = {STREAMING: "replying", FAILED: "failed"}.get(turn.status, "done")
    return TurnView(
        number=turn.number,
        speaker=gettext("You") if is_student else lab.partner.name,
        is_student=is_student,
        paragraphs=paragraphs(turn.text, marks),
        state=state,
        note=failure_text(turn.cause) if state == "failed" else "",
        is_authored=conversation.partner == MODEL and turn.origin == BY_AUTHOR and turn.number > 1
        and turn.cause != SUPPORT,
        events_href=visit.url("labs.events", attempt_key=attempt.key, number=turn.number),
        state_href=visit.url("labs.turn", attempt_key=attempt.key, number=turn.number),
    )  # fmt: skip


def copy_text(lab: Lab, lines: Sequence[Line]) -> str:
    """The transcript as plain text, for the student's own files."""
    said = (f"{(gettext('You') if line.role == STUDENT else lab.partner.name).upper()}\n{line.text}" for line in lines)
    return "\n\n".join((lab.title, *said)) + "\n"


def left_text(lab: Lab, turns: Sequence[Turn]) -> str:
    """Such as "5 turns left"."""
    return turns_left_text(turns_left(lab, turns))


def support_text() -> str:
    """Whom to turn to in distress: the institution's words, or plain ones of ours."""
    return services().settings.support_contact or str(DEFAULT_SUPPORT)


def _may_start(visit: Visit, home: Placement, lab: Lab) -> bool:
    return visit.occupant.is_instructor or access_of(visit, home, lab).state == AccessState.OPEN


def _shown(turns: Sequence[Turn], *, is_open: bool) -> list[Turn]:
    """Replies that never came are no part of it, but for the last one of an open conversation, which may be retried."""
    last = turns[-1] if turns and is_open else None
    return [turn for turn in turns if turn.status != FAILED or (turn is last and turn.cause != HANDED_IN)]


def _before(visit: Visit, home: Placement, lab: Lab) -> LabPage:
    return LabPage(
        frame=frame_for(visit, lab),
        title=lab.title,
        phase="before",
        attempt_text="",
        brief=_brief(visit, lab),
        partner_name=lab.partner.name,
        partner_role="",
        notices=(),
        support_text="",
        shows_support=False,
        turns=(),
        before=before_view(visit, home, lab, 1),
    )


def _attempt_text(lab: Lab, attempt: Attempt) -> str:
    if attempt.is_preview:
        return gettext("Preview")
    if lab.policy.attempts is None:
        return gettext("Attempt %(number)s", number=attempt.number)
    allowed = max(lab.policy.attempts, attempt.number)
    return gettext("Attempt %(number)s of %(allowed)s", number=attempt.number, allowed=allowed)


def _brief(visit: Visit, lab: Lab) -> Brief:
    return Brief(
        role_line=lab.role_line,
        scenario_html=linked(visit, lab.scenario_html),
        task_html=linked(visit, lab.task_html),
        criteria=tuple(
            CriterionView(
                id=criterion.id,
                name=criterion.name,
                weight=percent(criterion.weight),
                levels=tuple(
                    LevelView(str(LEVEL_NAMES[level.level]), percent(level.points_percent), level.descriptor)
                    for level in criterion.levels
                ),
            )
            for criterion in lab.rubric.for_students()
        ),
    )


def _notices(visit: Visit, home: Placement, partner: str, attempt: Attempt) -> tuple[str, ...]:
    notices = [str({MODEL: AI_NOTICE, SCRIPTED: SCRIPTED_NOTICE, NO_PARTNER: WRITTEN_NOTICE}[partner])]
    on_offer = services().replies.partner_on_offer(visit.session, home.context_key)
    if partner == MODEL and on_offer != MODEL and attempt.submitted_at is None:
        notices.append(str(OFF_NOTICE))
    if attempt.submitted_at is None and attempt.ends_at is not None:
        ends = time_element(attempt.ends_at, exact=True)
        notices.append(sentence(gettext("You can work on this until %(time)s."), time=ends))
    return tuple(notices)


def _composer(
    visit: Visit, lab: Lab, attempt: Attempt, conversation: Conversation, turns: Sequence[Turn]
) -> ComposerView:
    is_answer = conversation.partner == NO_PARTNER
    has_turns = is_answer or turns_left(lab, turns) > 0
    return ComposerView(
        action=visit.url("labs.say", attempt_key=attempt.key),
        number=turns[-1].number + 1 if turns else 1,
        draft=conversation.draft,
        can_say=has_turns and not is_replying(turns),
        is_over=not has_turns and not is_replying(turns) and not conversation.draft,
        is_answer=is_answer,
        left_text="" if is_answer else left_text(lab, turns),
        most_characters=MOST_WRITTEN if is_answer else MOST_CHARACTERS,
    )


def _hand_in(
    visit: Visit, lab: Lab, attempt: Attempt, conversation: Conversation, turns: Sequence[Turn], *, asks: bool
) -> HandInView:
    warnings = []
    left = turns_left(lab, turns)
    if conversation.partner == NO_PARTNER:
        if not conversation.draft.strip():
            warnings.append(gettext("You have not written anything yet."))
    elif not any(turn.role == STUDENT for turn in turns):
        warnings.append(gettext("You have not said anything yet."))
    elif left:
        warnings.append(
            ngettext("%(num)s turn is left and will go unused.", "%(num)s turns are left and will go unused.", left)
        )
    if conversation.partner != NO_PARTNER and conversation.draft.strip():
        warnings.append(gettext("What stands in the message field has not been sent and will not count."))
    if is_replying(turns):
        warnings.append(gettext("The reply that is on its way will be left out."))
    return HandInView(
        action=visit.url("labs.submit", attempt_key=attempt.key),
        asks=asks,
        warnings=tuple(warnings),
        then_text=gettext("After handing in, nothing more can be said or changed."),
        back_href=item_url(visit, attempt.item_id, "say"),
    )


def _past(visit: Visit, attempts: list[Attempt]) -> tuple[PastLab, ...]:
    outcomes = outcomes_of(visit.session, attempts)
    return tuple(
        PastLab(
            number=one.number,
            href=visit.url("labs.show", attempt_key=one.key),
            text=points_text(outcomes[one.id].points, outcomes[one.id].points_possible)
            if one.id in outcomes
            else gettext("waiting to be graded"),
            submitted_text=moment(one.submitted_at),
            submitted_iso=one.submitted_at.isoformat(timespec="seconds"),
        )
        for one in attempts
        if one.submitted_at is not None
    )
