"""Why an item cannot be started, and what to do: for students, and for instructors with the setting's name."""

from course.access import Access, AccessState
from course.items import Late, UnlockWhen
from lti_tool.web.frames import item_url
from lti_tool.web.guards import Visit
from lti_tool.web.i18n import gettext
from lti_tool.web.pages import Link
from lti_tool.web.quiz_views import Notice
from lti_tool.web.sentences import sentence, time_element


def access_notice(visit: Visit, access: Access) -> Notice | None:
    """What a learner is told who may not begin an attempt; what an instructor is told of students who may not. None
    while it is open."""
    if visit.occupant.is_instructor:
        return _for_instructor(visit, access)
    return _for_student(visit, access)


def not_placed_notice(visit: Visit) -> Notice:
    """Nothing in the course opens the item, so there is no place for its grade."""
    if visit.occupant.is_instructor:
        return Notice(
            gettext("Your students cannot start this yet"),
            sentence(gettext("No link in your course opens this yet, so its grades would have nowhere to go.")),
            gettext(
                "Add an activity for it in your course and open it once; from then on it opens from here as well. "
                "You can preview it now."
            ),
        )
    return Notice(
        gettext("This one is opened from your course"),
        sentence(gettext("This counts towards your grade when you open it from your course.")),
        gettext(
            "Go back to your course and open it there. If you do not find it, ask your instructor to add it. "
            "What you have read so far is kept."
        ),
        leads_back=True,
    )


def _for_student(visit: Visit, access: Access) -> Notice | None:
    policy = access.policy
    match access.state:
        case AccessState.NOT_YET if policy.opens_at is not None:
            return Notice(
                gettext("Not open yet"),
                sentence(gettext("It opens %(time)s."), time=time_element(policy.opens_at)),
                gettext("Come back then. Everything else in the course is open to you as usual."),
            )
        case AccessState.CLOSED if policy.ends_at is not None:
            return Notice(
                gettext("Closed"),
                sentence(
                    gettext("It closed %(time)s, and nothing is taken any more."), time=time_element(policy.ends_at)
                ),
                gettext("What you handed in stands as it is. If you need more time, ask your instructor."),
            )
        case AccessState.LOCKED:
            if policy.unlock_when == UnlockWhen.PASSED:
                text = gettext("It opens once you have passed these:")
            else:
                text = gettext("It opens once you have handed in these:")
            return Notice(gettext("Still locked"), sentence(text), "", _missing(visit, access))
        case AccessState.NO_ATTEMPTS_LEFT:
            return Notice(
                gettext("No attempt left"),
                sentence(gettext("You have used all attempts at this. Your results stay as they are.")),
                gettext("If something went wrong, ask your instructor for another one."),
            )
        case _:
            return None


def _for_instructor(visit: Visit, access: Access) -> Notice | None:
    policy = access.policy
    title = gettext("Students cannot start this now; you can preview it")
    match access.state:
        case AccessState.NOT_YET if policy.opens_at is not None:
            return Notice(
                title,
                sentence(gettext("It opens %(time)s."), time=time_element(policy.opens_at)),
                gettext("The setting is “%(name)s”.", name="opens_at"),
            )
        case AccessState.CLOSED if policy.ends_at is not None:
            by_due = policy.late == Late.REFUSE and policy.ends_at == policy.due_at
            return Notice(
                title,
                sentence(gettext("It closed %(time)s."), time=time_element(policy.ends_at)),
                gettext("The setting is “%(name)s”.", name="due_at, late: refuse" if by_due else "closes_at"),
            )
        case AccessState.LOCKED:
            return Notice(
                gettext("Students can start this only after other activities"),
                sentence(gettext("These come first:")),
                gettext("The setting is “%(name)s”.", name="unlock_after"),
                _missing(visit, access),
            )
        case _:
            return None


def _missing(visit: Visit, access: Access) -> tuple[Link, ...]:
    return tuple(Link(item.title, item_url(visit, item.id)) for item in access.missing)
