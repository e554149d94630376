"""What the pages on which activities are chosen are given: one frozen dataclass a template."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class PreviewView:
    """What an item is like: sentences of ours, and texts in the course's own words."""

    lead: str
    parts: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivityView:
    """One item to choose. `facts` says what it is and what it is worth, `column_text` whether the gradebook gets a
    column; `placed_text` is empty for what is not in the course yet, `is_opened` true for what surely is."""

    value: str
    label: str
    title: str
    facts: str
    column_text: str
    has_column: bool
    dates: tuple[Markup, ...]
    placed_text: Markup | str
    is_opened: bool
    is_checked: bool
    preview: PreviewView


@dataclass(frozen=True, slots=True)
class ModuleChoice:
    """A module: `button` adds it in one go and `button_facts` says what that is; both are empty where nothing can.
    `button_note` says what to think of before, or is empty."""

    value: str
    title: str
    button: str
    button_facts: str
    button_note: str
    activities: tuple[ActivityView, ...]


@dataclass(frozen=True, slots=True)
class CourseChoice:
    """A course of ours. `whole` is the value of one activity that opens all of it, None where that is not offered."""

    title: str
    language: str
    modules: tuple[ModuleChoice, ...]
    whole: str | None
    whole_text: str


@dataclass(frozen=True, slots=True)
class PickerPage:
    """template picker.html. `control` is checkbox or radio; `where` names the course, or is empty; `counts` are the
    sentences for 0, 1, 2 … chosen activities, `column_counts` the same for their columns; `error` says what to mend."""

    where: Markup | str
    action: str
    csrf_token: str
    control: str
    notes: tuple[str, ...]
    after_notes: tuple[str, ...]
    courses: tuple[CourseChoice, ...]
    counts: tuple[str, ...]
    column_counts: tuple[str, ...]
    error: str


@dataclass(frozen=True, slots=True)
class NothingToChoosePage:
    """template picker_nothing.html: the place takes nothing that we have."""

    action: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class PickerReturnPage:
    """template picker_return.html: the signed answer, on its way to the platform by the browser."""

    title: str
    text: str
    action: str
    message: str
