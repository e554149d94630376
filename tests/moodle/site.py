"""A Moodle's own pages: signing in, people, courses, who is in them. Fields are found by Moodle's ids, which no
translation and no theme changes."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

GENERAL_CATEGORY = 1
CONFIRM = "#modal-footer .btn-primary, .modal-footer .btn-primary"
TOUR_END = "[data-flexitour='container'] [data-role='end']"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    username: str
    password: str
    first: str
    last: str
    email: str

    @property
    def name(self) -> str:
        """As Moodle shows it."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Course:
    """A course by Moodle's id."""

    id: int
    shortname: str


class Visitor:
    """One person's tab in a Moodle."""

    def __init__(self, page: Page, moodle: str) -> None:
        self.page = page
        self.moodle = moodle
        page.add_locator_handler(page.locator(TOUR_END).first, lambda button: button.click())

    def go(self, path: str) -> Page:
        """Open a page of the Moodle's; its scripts have run."""
        self.page.goto(f"{self.moodle}{path}")
        return self.page

    def sign_in(self, username: str, password: str) -> None:
        """Sign in, and see that it worked. Tried twice: a Moodle under load may lose the token of its own form, and
        then says that the password is wrong."""
        signed_in, refused = self.page.locator("#user-menu-toggle"), self.page.locator("#loginerrormessage")
        for _ in range(2):
            page = self.go("/login/index.php")
            page.locator("#username").fill(username)
            page.locator("#password").fill(password)
            page.locator("#loginbtn").press("Enter")
            expect(signed_in.or_(refused).first).to_be_visible()
            if signed_in.count():
                return
        raise AssertionError(f"{self.moodle} does not let {username} in")

    def submit(self) -> None:
        """Save the form of a page, and see that Moodle did not ask for something first."""
        page = self.page
        before = page.url
        button = page.locator("#id_submitbutton, #id_saveanddisplay").first
        button.press("Enter")
        page.wait_for_url(lambda url: url != before)
        expect(page.locator(".invalid-feedback:visible")).to_have_count(0)

    def check(self, label: str, value: bool = True) -> None:
        """Tick a box by its words, or clear it."""
        self.page.get_by_label(label, exact=True).set_checked(value)


class Admin(Visitor):
    """A site admin."""

    def make_person(self, person: Person) -> None:
        """A new account."""
        page = self.go("/user/editadvanced.php?id=-1")
        page.locator("#id_username").fill(person.username)
        page.locator("[data-passwordunmask='edit']").first.press("Enter")
        page.locator("#id_newpassword").fill(person.password)
        page.locator("#id_newpassword").press("Enter")
        page.locator("#id_firstname").fill(person.first)
        page.locator("#id_lastname").fill(person.last)
        page.locator("#id_email").fill(person.email)
        self.submit()

    def make_course(self, fullname: str, shortname: str) -> Course:
        """An empty course in the first category."""
        page = self.go(f"/course/edit.php?category={GENERAL_CATEGORY}")
        page.locator("#id_fullname").fill(fullname)
        page.locator("#id_shortname").fill(shortname)
        self.submit()
        return Course(number_in(page.url, "id"), shortname)

    def enrol(self, course: Course, person: Person, role: str) -> int:
        """Put somebody into a course; `role` by the name that the Moodle shows. Moodle's id of the person."""
        page = self.go(f"/enrol/instances.php?id={course.id}")
        page.locator("a[href*='/enrol/manual/manage.php']").first.press("Enter")
        page.wait_for_url("**/enrol/manual/manage.php**")
        page.locator("#menuroleid, select[name='roleid']").first.select_option(label=role)
        page.locator("#addselect_searchtext").fill(person.email)
        choice = page.locator("#addselect option", has_text=person.email)
        expect(choice).to_have_count(1)
        user_id = choice.get_attribute("value") or ""
        page.locator("#addselect").select_option(value=user_id)
        page.locator("#add").press("Enter")
        expect(page.locator("#removeselect option", has_text=person.email)).to_have_count(1)
        return int(user_id)

    def delete_course(self, course: Course) -> None:
        """Remove a course with all that is in it."""
        page = self.go(f"/course/delete.php?id={course.id}")
        page.locator(CONFIRM).first.press("Enter")
        expect(page.locator(".continuebutton")).to_be_visible()

    def delete_person(self, user_id: int) -> None:
        """Remove an account."""
        key = self.page.evaluate("M.cfg.sesskey")
        page = self.go(f"/admin/user.php?delete={user_id}&sesskey={key}")
        page.locator(CONFIRM).first.press("Enter")
        page.wait_for_url(lambda url: "delete=" not in url)


def number_in(url: str, name: str) -> int:
    """A number in an address's query."""
    return int(parse_qs(urlsplit(url).query)[name][0])
