"""What each template is given: one frozen dataclass a page, so that a template can ask for nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the navigation strip. `state` names its drawing, a `course.progress.State` or an `AccessState` that
    shuts it; `state_text` says it in words."""

    label: str
    title: str
    href: str
    kind: str
    state: str
    state_text: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page, or to the one that is shown."""

    title: str
    href: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class LanguageOption:
    """One language to choose. `name` is what it calls itself, `tag` and `direction` are those of that name."""

    key: str
    name: str
    tag: str
    direction: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LanguageForm:
    """The choice of a language: POST `language` (a key) and `back` (the address of this page) to `action`."""

    action: str
    back: str
    options: tuple[LanguageOption, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page of a placement shares. `notice` is one sentence on top, for instructors in preview, and
    `waiting` beside it leads to what waits for them, if anything does; `progress`
    leads to the page that sums the course up; `review`, for instructors, to what waits for a person, `work` to all that
    was handed in, `links` to all links of the course, and `link` to what this one opens, where they may say so;
    `glossary_href` is None for a course without key terms, `languages` where there is only one."""

    course_title: str
    page_title: str
    strip: tuple[Stop, ...]
    csrf_token: str
    new_window_href: str
    return_url: str | None
    language: str
    is_instructor: bool
    progress: Link
    data: Link
    glossary_href: str | None
    languages: LanguageForm | None
    notice: str | None = None
    waiting: Link | None = None
    review: Link | None = None
    people: Link | None = None
    work: Link | None = None
    link: Link | None = None
    links: Link | None = None
    previous: Link | None = None
    next: Link | None = None


@dataclass(frozen=True, slots=True)
class SectionView:
    """A numbered section of a lesson; `html` is safe by construction (course.markup)."""

    id: str
    number: int
    title: str
    html: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class TermView:
    """A key term with its definition."""

    id: str
    name: str
    definition_html: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """Where the grade is. `state`: none, on-its-way, delivered, stuck. `poll_href` answers the same as JSON.

    `delivered_iso`: since when it is there, for the reader's own zone; None unless it is.
    """

    state: str
    text: str
    poll_href: str
    delivered_iso: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingGrade:
    """What reading a page to its end counts. `text` says so in a sentence; `delivery` is where the grade is, None for
    an instructor, who gets none."""

    text: str
    delivery: DeliveryView | None


@dataclass(frozen=True, slots=True)
class LessonPage:
    """template lesson.html: an introduction (no sections) or a lesson. `read_action`: POST `section` there; `go_on`
    leads to the first unread section of a page that is part-read; `grade` is None where reading counts nothing.
    """

    frame: Frame
    title: str
    subtitle: str
    opening_question: str | None
    minutes: int
    story_html: str
    sections: tuple[SectionView, ...]
    terms: tuple[TermView, ...]
    read_action: str
    is_done: bool
    go_on: Link | None
    grade: ReadingGrade | None


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One line of the list of earlier attempts."""

    number: int
    points_text: str
    submitted_text: str
    submitted_iso: str
    href: str
    counts: bool


@dataclass(frozen=True, slots=True)
class NewWindowPage:
    """template new_window.html: a form that carries a one-time token into a window of its own (target=_blank)."""

    title: str
    text: str
    action: str
    token: str
    button: str


@dataclass(frozen=True, slots=True)
class MessagePage:
    """template message.html: one message with what to do next; errors, refusals, and the small pages for probes.

    `what_to_do` may be empty, `reference` stands in the log as well, `details` are lines an admin can act on (issuer,
    client id …). `title_language` is that of a title in the course's own words.
    """

    title: str
    text: str
    what_to_do: str
    reference: str | None
    details: tuple[tuple[str, str], ...]
    new_window: NewWindowPage | None = None
    title_language: str | None = None
