"""The pages about grades, in words: what is owed, what is stuck and what to do about it, what came of a retry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

from lti_tool.stuck_causes import Explained, explain_score, has_given_up
from lti_tool.stuck_scores import (
    Group,
    PlatformFigures,
    Retry,
    ScoreRow,
    failing_rows,
    owed,
    retries,
    stuck_rows,
)
from lti_tool.web.admin.frame import ConsoleFrame, frame
from lti_tool.web.admin.guards import AdminVisit
from lti_tool.web.admin.waiting_views import WaitingView, waiting_view
from lti_tool.web.current import services
from lti_tool.web.i18n import gettext, ngettext, number
from lti_tool.web.sentences import paragraph, sentence, time_element
from lti_tool.web.wording import points_text

SHOWN_OF_AN_ID = 14  # letters of a platform's id for a person; `coursewright grades stuck --json` has them whole


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A line of the table. `silence` says that nothing is sent there, or is ''; so is `retry_text` where nothing is
    stuck."""

    id: int
    name: str
    silence: str
    delivered: str
    on_the_way: Markup
    stuck: Markup
    retry_text: str


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause in words: where it lies, what it means, what to do."""

    title: str
    where: str
    meaning: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The stuck grades of one platform with one cause. `is_well`: nothing is to be done."""

    platform_id: int
    platform: str
    cause: str
    told: CauseView
    count_text: str
    since: Markup
    retry_text: str
    rows_text: str
    rows_href: str
    is_well: bool


@dataclass(frozen=True, slots=True)
class RetryView:
    """What came of a retry: `drawing` names its icon, `text` says it."""

    drawing: str
    text: Markup


@dataclass(frozen=True, slots=True)
class RowView:
    """One grade in a table."""

    id: int
    platform: str
    context: str
    item: str
    learner: str
    user_id: str
    points: str
    since: Markup
    tries: Markup
    next_try: Markup


@dataclass(frozen=True, slots=True)
class GradesPage:
    """template admin/grades.html. `is_pending`: a script is to look again, since something was retried just now."""

    frame: ConsoleFrame
    platforms: tuple[PlatformView, ...]
    groups: tuple[GroupView, ...]
    well: tuple[GroupView, ...]
    tried: tuple[RetryView, ...]
    none_was_stuck: bool
    is_pending: bool
    failing: tuple[RowView, ...]
    waiting: WaitingView


@dataclass(frozen=True, slots=True)
class StuckPage:
    """template admin/stuck.html. `told` is None where the page is about several causes; `next_href` leads on, or ''."""

    frame: ConsoleFrame
    told: CauseView | None
    rows: tuple[RowView, ...]
    next_href: str


def grades_page(visit: AdminVisit, *, none_was_stuck: bool) -> GradesPage:
    """The page as things stand. `none_was_stuck`: somebody has just retried what was not stuck any more."""
    found = owed(visit.session)
    acts = retries(visit.session)
    groups = [_group(one) for one in found.groups]
    return GradesPage(
        frame=frame(gettext("Grades")),
        platforms=tuple(map(_platform, found.platforms)),
        groups=tuple(one for one in groups if not one.is_well),
        well=tuple(one for one in groups if one.is_well),
        tried=tuple(map(_retry, acts)),
        none_was_stuck=none_was_stuck,
        is_pending=any(not one.is_over for one in acts),
        failing=_rows(failing_rows(visit.session)),
        waiting=waiting_view(visit),
    )


def stuck_page(visit: AdminVisit, *, registration_id: int | None, cause: str | None, after: int | None) -> StuckPage:
    """A page of stuck grades."""
    listing = stuck_rows(visit.session, registration_id=registration_id, cause=cause, after=after)
    next_href = ""
    if listing.after is not None:
        next_href = url_for("admin_grades.stuck", platform=registration_id, cause=cause, after=listing.after)
    told = None if cause is None else cause_view(explain_score(cause))
    return StuckPage(frame(told.title if told else gettext("Stuck grades")), told, _rows(listing.rows), next_href)


def cause_view(told: Explained) -> CauseView:
    """A cause in the reader's language."""
    return CauseView(
        title=gettext(told.title, status=told.status),
        where=gettext(told.where),
        meaning=gettext(told.meaning, status=told.status),
        steps=tuple(gettext(step, status=told.status) for step in told.steps),
    )


def _platform(one: PlatformFigures) -> PlatformView:
    retry_text = ngettext("Retry %(num)s", "Retry all %(num)s", one.stuck) if one.stuck else ""
    return PlatformView(
        id=one.registration_id,
        name=one.platform,
        silence=gettext("Switched off here: its grades wait until it is on again.") if one.is_silent else "",
        delivered=number(one.delivered),
        on_the_way=_with_oldest(one.on_the_way, one.oldest_on_the_way),
        stuck=_with_oldest(one.stuck, one.oldest_stuck),
        retry_text=retry_text,
    )


def _with_oldest(count: int, oldest: datetime | None) -> Markup:
    if oldest is None:
        return Markup.escape(number(count))
    return sentence(gettext("%(number)s, oldest since %(time)s"), number=number(count), time=time_element(oldest))


def _group(group: Group) -> GroupView:
    told = cause_view(explain_score(group.cause))
    since = [sentence(gettext("The oldest was earned %(time)s."), time=time_element(group.since))]
    if group.tried_at:
        since.append(sentence(gettext("Last tried %(time)s."), time=time_element(group.tried_at)))
    if has_given_up(group.cause):
        since.append(Markup.escape(gettext("It was tried again and again for two weeks.")))
    return GroupView(
        platform_id=group.registration_id,
        platform=group.platform,
        cause=group.cause,
        told=told,
        count_text=ngettext("%(num)s grade", "%(num)s grades", group.count),
        since=paragraph(*since),
        retry_text=ngettext("Retry %(num)s grade", "Retry %(num)s grades", group.count),
        rows_text=ngettext("Show the grade", "Show the %(num)s grades", group.count),
        rows_href=url_for("admin_grades.stuck", platform=group.registration_id, cause=group.cause),
        is_well=group.needs_nobody,
    )


def _retry(act: Retry) -> RetryView:
    begun = sentence(
        ngettext("%(num)s grade retried %(time)s:", "%(num)s grades retried %(time)s:", act.count, time="%(time)s"),
        time=time_element(act.at),
    )
    parts: list[Markup] = []
    if act.delivered and act.delivered_at:
        words = ngettext(
            "%(num)s delivered %(time)s.", "%(num)s delivered, the last %(time)s.", act.delivered, time="%(time)s"
        )
        parts.append(sentence(words, time=time_element(act.delivered_at)))
    if act.on_the_way:
        parts.append(sentence(ngettext("%(num)s is on its way.", "%(num)s are on their way.", act.on_the_way)))
    if act.waiting:
        words = ngettext(
            "%(num)s was tried and waits for its next try, by itself.",
            "%(num)s were tried and wait for their next try, by themselves.",
            act.waiting,
        )
        parts.append(sentence(words))
    if act.replaced:
        words = ngettext("%(num)s gave way to a newer grade.", "%(num)s gave way to newer grades.", act.replaced)
        parts.append(sentence(words))
    for cause, count in act.refused.items():
        words = ngettext(
            "%(num)s still refused: %(cause)s.", "%(num)s still refused: %(cause)s.", count, cause="%(cause)s"
        )
        parts.append(sentence(words, cause=cause_view(explain_score(cause)).title))
    platform = Markup('<strong dir="auto">{}</strong>').format(act.platform)
    return RetryView(_drawing(act), paragraph(platform, begun, *parts))


def _drawing(act: Retry) -> str:
    if act.refused:
        return "stuck"
    return "waiting" if act.on_the_way or act.waiting else "passed"


def _rows(rows: Sequence[ScoreRow]) -> tuple[RowView, ...]:
    titles = {(course.id, item.id): item.title for course in services().catalog.courses for item in course.items}
    return tuple(_row(row, titles.get((row.course_id, row.item_id), row.item_id)) for row in rows)


def _row(row: ScoreRow, item: str) -> RowView:
    tries = Markup.escape(number(row.tries))
    if row.tried_at:
        tries = sentence(gettext("%(number)s, last %(time)s"), number=tries, time=time_element(row.tried_at))
    is_cut = len(row.user_id) > SHOWN_OF_AN_ID
    return RowView(
        id=row.id,
        platform=row.platform,
        context=row.context_title or row.context_key,
        item=item,
        learner=row.learner_key,
        user_id=f"{row.user_id[:SHOWN_OF_AN_ID]}…" if is_cut else row.user_id,
        points=points_text(row.points, row.maximum),
        since=time_element(row.since),
        tries=tries,
        next_try=time_element(row.next_try_at),
    )
