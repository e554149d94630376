"""The page of a context's links: what each opens, which point elsewhere, and the ways to mend them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from config import clock
from course.attempts import start_attempt
from course.models import Learner, Placement
from course.policies import set_override
from lti_tool.models import ColumnSearch, Context, LineItem, LinkRepair, ResourceLink
from tests.lti_tool.fake_platform import INSTRUCTOR
from tests.support.factory import BUILT_IN, QUIZ, make_placement
from tests.support.visit import Browser
from tests.web.test_launch import TOOL, World
from tests.web.test_picker import world

__all__ = ["world"]

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
_numbers = iter(range(5000, 6000))


class Site:
    """A course of the platform, with an instructor who has opened its link to the whole of ours."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.context = f"links-{next(_numbers)}"
        self.client = world.browser()
        page = self.open("whole", custom={"course": BUILT_IN.id})
        self.teacher = Browser(self.client, page.partition("/items/")[0])

    def open(self, link: str, *, client: FlaskClient | None = None, teacher: bool = True, **changes: Any) -> str:
        """Launch a link; where it ends, or the text of a refusal."""
        values = {
            "CONTEXT": {"id": changes.pop("context", self.context), "title": f"Title of {self.context}"},
            "RESOURCE_LINK": {"id": link, "title": f"Link {link}"},
            "CUSTOM": changes.pop("custom", {}),
            "sub": "99" if teacher else "17",
            **({"ROLES": [INSTRUCTOR]} if teacher else {}),
        }
        if services := changes.pop("services", None):
            values["AGS_ENDPOINT"] = services
        answer = self.world.launch(client or self.client, **values)
        return answer.location or answer.text

    def page(self, **query: str) -> str:
        answer = self.teacher.get("/links", query_string=query)
        assert answer.status_code == 200
        return answer.text

    def key(self, link: str) -> str:
        with self.world.database.reading() as session:
            found = session.scalar(
                select(Placement.key)
                .join(ResourceLink, ResourceLink.placement_id == Placement.id)
                .join(Context, Context.id == ResourceLink.context_id)
                .where(ResourceLink.lti_resource_link_id == link, Context.lti_context_id == self.context)
            ) or session.scalar(
                select(LinkRepair.key)
                .join(Context, Context.id == LinkRepair.context_id)
                .where(LinkRepair.lti_resource_link_id == link, Context.lti_context_id == self.context)
            )
        assert found
        return found


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


def test_every_link_is_listed_with_what_it_opens(site: Site) -> None:
    column = {"scope": [], "lineitem": f"https://lms.example/{site.context}/1"}
    site.open("quiz", custom={"course": BUILT_IN.id, "item": QUIZ.id}, services=column)
    page = site.page()
    assert "2 links · No link points elsewhere." in page
    assert QUIZ.title in page
    assert BUILT_IN.title in page
    assert "1 gradebook column" in page
    assert "no gradebook column" in page
    assert "Copied course" not in page
    assert f'href="{site.teacher.base}/links"' in site.teacher.get("/items/introduction").text


def test_students_do_not_see_it(site: Site) -> None:
    client = site.world.browser()
    base = site.open("whole", client=client, teacher=False, custom={"course": BUILT_IN.id}).partition("/items/")[0]
    assert client.get(f"{base}/links", base_url=TOOL).status_code == 403
    assert client.get(f"{base}/links/{site.key('whole')}", base_url=TOOL).status_code == 403
    assert "/links" not in client.get(f"{base}/items/introduction", base_url=TOOL).text


def test_a_link_that_leads_nowhere_is_found_and_mended(site: Site) -> None:
    gone = {"course": BUILT_IN.id, "item": "quiz-<of-old>"}
    student = site.world.browser()
    assert "/in/" not in site.open("stray", client=student, teacher=False, custom=gone)[:20]
    page = site.page()
    assert "1 link points elsewhere." in page
    assert "quiz-&lt;of-old&gt;" in page
    path = f"/links/{site.key('stray')}"
    assert "Choose what it opens" in page
    assert f"{site.teacher.base}{path}" in page
    assert "It names something that is not here" in site.teacher.get(path).text
    assert site.teacher.post(path, item="nowhere/x").status_code == 422
    answer = site.teacher.post(path, item=f"{BUILT_IN.id}/{QUIZ.id}")
    assert answer.location.endswith("/links?asked=mended")
    assert "The link opens what you have chosen." in site.page(asked="mended")
    page = site.page()
    assert "2 links · No link points elsewhere." in page
    assert QUIZ.title in page
    assert site.open("stray", client=student, teacher=False, custom=gone).startswith("/in/")
    path = f"/links/{site.key('stray')}"
    assert "What it opens was chosen here" in site.teacher.get(path).text
    assert site.teacher.post(path, item=f"{BUILT_IN.id}/").status_code == 303, "they change their mind"
    assert site.teacher.post(f"/links/{site.key('whole')}", item=f"{BUILT_IN.id}/").status_code == 409, (
        "nothing to mend"
    )


def test_what_is_mended_comes_along_when_the_course_is_copied(site: Site) -> None:
    gone = {"course": BUILT_IN.id, "item": "quiz-of-old"}
    site.open("stray", custom=gone)
    site.teacher.post(f"/links/{site.key('stray')}", item=f"{BUILT_IN.id}/{QUIZ.id}")
    copy = {"context": f"{site.context}-copy", "client": site.world.browser()}
    assert "/in/" in site.open("stray-2", custom={**gone, "context_history": site.context}, **copy)
    assert "quiz-of-old" in site.open("stray-3", custom=gone, **copy), "without a history it is not known"


def test_a_link_that_names_another_courses_column_gets_its_own(site: Site) -> None:
    named = {"course": BUILT_IN.id, "item": QUIZ.id}
    url = f"https://lms.example/{site.context}/1"
    site.open("quiz", custom=named, services={"scope": [SCOPE], "lineitem": url})
    copy = Site(site.world)
    services = {"scope": [SCOPE], "lineitem": url, "lineitems": f"https://lms.example/{copy.context}"}
    copy.open("quiz-2", custom=named, services=services)
    with site.world.database.transaction() as session:
        rows = session.scalars(select(LineItem).where(LineItem.item_id == QUIZ.id).order_by(LineItem.id)).all()[-2:]
        assert [row.url for row in rows] == [url, None], "the original keeps it"
        search = session.get_one(ColumnSearch, rows[1].id)
        search.next_try_at, search.cause = None, "service_404"
    page = copy.page()
    assert "the gradebook column of another course" in page
    assert "1 link points elsewhere." in page
    path = f"/links/{copy.key('quiz-2')}"
    answer = copy.teacher.post(f"{path}/column")
    assert answer.location.endswith("/links?asked=column")
    assert "is being looked for" in copy.page(asked="column")
    with site.world.database.reading() as session:
        assert session.get_one(ColumnSearch, rows[1].id).next_try_at is not None
    assert copy.teacher.post(path, item=f"{BUILT_IN.id}/").status_code == 409, "what it opens is right"
    copy.open("quiz-2", custom=named, services={**services, "lineitem": f"https://lms.example/{copy.context}/2"})
    assert "No link points elsewhere." in copy.page()
    blind = Site(site.world)
    blind.open("quiz-3", custom=named, services={"scope": [], "lineitem": url})
    answer = blind.teacher.post(f"/links/{blind.key('quiz-3')}/column")
    assert "lets us look for no column" in blind.page(asked=answer.location.partition("asked=")[2])


def test_a_copy_says_so_and_names_the_dates_that_were_over(site: Site) -> None:
    soon = (clock.now() + timedelta(days=9)).isoformat(timespec="seconds")
    with site.world.database.transaction() as session:
        context = session.scalars(select(Context).where(Context.lti_context_id == site.context)).one()
        rules = {"opens_at": "2020-01-31T08:00:00+00:00", "closes_at": soon}
        set_override(session, f"context-{context.id}", BUILT_IN, QUIZ, rules)
    copy = Site(site.world)
    copy.open("quiz", custom={"course": BUILT_IN.id, "item": QUIZ.id, "context_history": f"x,{site.context}"})
    page = copy.page()
    assert f"This course was copied from “Title of {site.context}”." in page
    assert "opens at" in page
    assert "2020" in page
    assert "closes at" not in page


def test_a_link_to_another_course_than_the_rest_can_be_pointed_back_until_students_begin(site: Site) -> None:
    for item in ("lesson-1", "lesson-2"):
        site.open(item, custom={"course": BUILT_IN.id, "item": item})
    with site.world.database.transaction() as session:
        context = session.scalars(select(Context).where(Context.lti_context_id == site.context)).one()
        placement = make_placement(session, course_id="gone", item_id=QUIZ.id, context_key=f"context-{context.id}")
        session.add(
            ResourceLink(
                context_id=context.id, lti_resource_link_id="odd", title="Odd", placement_id=placement.id,
                created_at=clock.now(),
            )
        )  # fmt: skip
        learner = Learner(created_at=clock.now())
        session.add(learner)
        session.flush()
        start_attempt(session, placement, learner.id, QUIZ, is_preview=False)
    assert "It names something that is not here" in site.page()
    path = f"/links/{site.key('odd')}"
    assert site.teacher.post(path, item=f"{BUILT_IN.id}/{QUIZ.id}").status_code == 303
    assert "No link points elsewhere." in site.page()
    assert "/in/" in site.open("odd", custom={"course": "gone", "item": QUIZ.id}), "as long as it names the same"


def test_a_link_of_another_context_is_not_found(site: Site) -> None:
    other = Site(site.world)
    other.open("stray", custom={"item": "quiz-of-old"})
    for path in (f"/links/{other.key('whole')}", f"/links/{other.key('stray')}", "/links/nonsense"):
        assert site.teacher.get(path).status_code == 404
        assert site.teacher.post(path, item=f"{BUILT_IN.id}/").status_code == 404
        assert site.teacher.post(f"{path}/column").status_code == 404
