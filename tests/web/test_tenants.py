"""Two platforms, two courses each, all roles, every route: nobody reads or writes what is not theirs.

A launch makes one of two seats of all role names (tests/lti_tool/test_roles.py), so these two are all roles.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from config.database import Base, Database
from lti_tool.roles import INSTRUCTOR
from lti_tool.web.admin.cookies import SESSION as ADMIN_SESSION
from lti_tool.web.cookies import SESSION
from tests.support.admins import csrf_of, sign_in
from tests.support.tenants import ENDLESS, GUARDED, Person, Place, Tenants, ask, opened_tenants, tails


@pytest.fixture(scope="module")
def tenants(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    with opened_tenants(sqlite_template, tmp_path_factory.mktemp("tenants")) as made:
        yield made


def everything(database: Database) -> dict[str, str]:
    """Each table and a hash of all that is in it."""
    with database.reading() as session:
        return {
            table.name: hashlib.sha256(repr(session.execute(select(table)).all()).encode()).hexdigest()
            for table in Base.metadata.sorted_tables
        }


def victims(tenants: Tenants) -> list[tuple[Place, Person]]:
    """Somebody with work at each platform, in different courses of theirs."""
    return [(place, place.people["ada"]) for place in (tenants.places[0], tenants.places[3])]


def others(tenants: Tenants, victim: Person) -> list[tuple[Place, Person]]:
    """Everybody who is not the victim, in their own and in the other courses; of learners elsewhere one each."""
    return [
        (place, person)
        for place in tenants.places
        for person in place.people.values()
        if person is not victim and (person.name != "alan" or victim in place.people.values())
    ]


def is_for_teachers(endpoint: str, tail: str, learner: Person) -> bool:
    """Whether an address shows work to those who teach its learner: labs to review, and all work of the gradebook."""
    return endpoint.startswith("work.") or (endpoint.startswith("review.") and learner.attempts["lab"] in tail)


def test_anothers_address_opens_nothing_on_any_route(tenants: Tenants) -> None:
    before = everything(tenants.database)
    tried = 0
    for _, victim in victims(tenants):
        csrf = victim.browser.csrf()  # an attacker who has even seen the mark of the victim's forms
        for _, actor in others(tenants, victim):
            for rule, method in tenants.rules(*GUARDED):
                answer = ask(actor, victim.browser.base, tails(rule, victim)[0], method, csrf)
                assert answer.status_code == 403, (rule.rule, method, actor.name)
                assert victim.secret not in answer.text
                tried += 1
    assert tried > 400
    assert everything(tenants.database) == before


def test_anothers_work_cannot_be_reached_from_ones_own_place(tenants: Tenants) -> None:
    tried = 0
    for victim_place, victim in victims(tenants):
        for place, actor in others(tenants, victim):
            csrf, before = actor.browser.csrf(), everything(tenants.database)
            for rule, method in tenants.rules(*GUARDED):
                if "attempt_key" not in rule.arguments:
                    continue
                teaches = actor.role == INSTRUCTOR and place is victim_place
                for tail in tails(rule, victim):
                    if teaches and is_for_teachers(rule.endpoint, tail, victim):
                        continue  # tests/web/test_review.py and test_work.py say what they may do there
                    answer = ask(actor, actor.browser.base, tail, method, csrf)
                    assert answer.status_code in {403, 404}, (rule.rule, method, actor.name, place.name)
                    assert victim.secret not in answer.text
                    tried += 1
            assert everything(tenants.database) == before, (actor.name, place.name)
    assert tried > 200


def test_ones_own_pages_say_nothing_of_anybody_elses(tenants: Tenants) -> None:
    """Learners see only themselves; an instructor nobody of another course."""
    everybody = [(place, person) for place in tenants.places for person in place.people.values()]
    for place, actor in (one for one in everybody if one[1].name != "alan"):
        for rule, method in tenants.rules("learner_page"):
            if rule.endpoint in ENDLESS:
                continue
            for tail in tails(rule, actor):
                text = ask(actor, actor.browser.base, tail, method, "").get_data(as_text=True)
                for theirs, other in everybody:
                    may_see = other is actor or (actor.role == INSTRUCTOR and theirs is place)
                    assert may_see or other.secret not in text, (rule.rule, actor.name, other.name)


def test_an_instructor_does_see_their_own_students(tenants: Tenants) -> None:
    """So that the tests above cannot pass on pages that show nobody."""
    place = tenants.places[0]
    ada, grace = place.people["ada"], place.people["grace"]
    assert ada.secret in ask(grace, grace.browser.base, f"/review/{ada.attempts['lab']}", "GET", "").text
    assert ada.secret in ask(ada, ada.browser.base, f"/labs/{ada.attempts['lab']}", "GET", "").text


def test_a_form_without_our_mark_changes_nothing_on_any_route(tenants: Tenants) -> None:
    before = everything(tenants.database)
    tried = 0
    for name in ("ada", "grace"):
        actor = tenants.places[0].people[name]
        for rule, method in tenants.rules("learner_action"):
            for csrf in ("", tenants.places[0].people["alan"].browser.csrf()):
                for tail in tails(rule, tenants.places[0].people["ada"])[:1]:
                    answer = ask(actor, actor.browser.base, tail, method, csrf)
                    assert answer.status_code == 403, rule.rule
                    assert "This form has expired" in answer.text
                    tried += 1
    assert tried > 20
    assert everything(tenants.database) == before


def test_nobody_of_a_course_reaches_the_console_and_no_admin_a_course(tenants: Tenants) -> None:
    admin = sign_in(tenants.app.test_client())
    admin_token = admin.get_cookie(ADMIN_SESSION, domain="localhost", path="/admin")
    place = tenants.places[0]
    before, tried = everything(tenants.database), 0
    assert admin_token is not None
    for person in place.people.values():
        theirs = person.browser.client.get_cookie(SESSION, domain="localhost")
        assert theirs is not None
        person.browser.client.set_cookie(ADMIN_SESSION, theirs.value, domain="localhost", path="/admin")
        for rule, method in tenants.rules("admin_page", "admin_action"):
            answer = person.browser.client.open(
                re.sub(r"<[^>]+>", "1", rule.rule), method=method, data={"csrf_token": person.browser.csrf()}
            )
            assert (answer.status_code, "sign-in" in (answer.location or "")) in {(303, True), (403, False)}, rule.rule
            tried += 1
    assert tried >= 6
    admin.set_cookie(SESSION, admin_token.value, domain="localhost")
    ada, csrf = place.people["ada"], csrf_of(admin)
    for rule, method in tenants.rules(*GUARDED):
        answer = admin.open(ada.browser.base + tails(rule, ada)[0], method=method, data={"csrf_token": csrf})
        assert answer.status_code == 403, rule.rule
    assert everything(tenants.database) == before
