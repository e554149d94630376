"""A question as its card shows it. The key and the feedback leave the server only for questions that may show them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from course.attempts import quiz_of
from course.items import Choice, ChoiceQuestion, Question
from course.models import Attempt, Response
from course.shuffling import in_shown_order
from grading.quiz import mark, worth_of_each
from grading.service import to_decimal
from lti_tool.web.explaining import Explaining
from lti_tool.web.i18n import LazyString, lazy_gettext
from lti_tool.web.quiz_views import ChoiceView, QuestionView
from lti_tool.web.wording import points_of


@dataclass(frozen=True, slots=True)
class CardKind:
    """How a type of question is answered: the template of what it is answered with, whether any number of choices may
    be chosen (`is_several`), and what the card says about that."""

    template: str
    is_several: bool
    instruction: LazyString
    rule: LazyString | None = None


ONE = CardKind("_choices.html", is_several=False, instruction=lazy_gettext("Choose one."))
SEVERAL = CardKind(
    "_choices.html",
    is_several=True,
    instruction=lazy_gettext("Choose all that apply."),
    rule=lazy_gettext(
        "Each right choice earns an equal part of the credit, each wrong one takes as much away, "
        "and the least you can get is 0."
    ),
)
CARDS: Mapping[str, CardKind] = {"single": ONE, "multiple": SEVERAL, "true-false": ONE}
"""One entry for each question type of `course.questions.registry`."""


def question_cards(attempt: Attempt, explaining: Explaining, link: Callable[[str], str]) -> tuple[QuestionView, ...]:
    """The attempt's questions in the order it shows them, numbered from 1; `link` gives the course's own links in a
    piece of HTML their addresses."""
    quiz = quiz_of(attempt)
    responses = {response.question_id: response for response in attempt.responses}
    worth = worth_of_each(quiz)
    cards = (
        _card(question, number, worth, responses.get(question.id), explaining)
        for number, question in enumerate(in_shown_order(quiz, attempt.key), start=1)
    )
    return tuple(_linked(card, link) for card in cards)


def _linked(card: QuestionView, link: Callable[[str], str]) -> QuestionView:
    """The card with its feedback and explanation linked: links stand nowhere else in a question."""
    return replace(
        card,
        choices=tuple(
            replace(choice, feedback_html=choice.feedback_html and link(choice.feedback_html))
            for choice in card.choices
        ),
        explanation_html=card.explanation_html and link(card.explanation_html),
    )


def _card(
    question: Question, number: int, worth: Fraction, response: Response | None, explaining: Explaining
) -> QuestionView:
    if not isinstance(question, ChoiceQuestion):
        raise TypeError(f"no card for a question of the type {question.type!r}")
    chosen = response.choice_ids if response else []
    is_explained = explaining.shows(response)
    share = mark(question, chosen).share if is_explained and chosen else None
    kind = CARDS[question.type]
    return QuestionView(
        id=question.id,
        number=number,
        template=kind.template,
        stem_html=question.stem_html,
        is_several=kind.is_several,
        instruction=str(kind.instruction),
        rule=None if kind.rule is None else str(kind.rule),
        choices=tuple(_choice(choice, chosen, is_explained=is_explained) for choice in question.choices),
        state=_state(share, chosen),
        points_text="" if share is None else points_of(to_decimal(worth * share), to_decimal(worth)),
        explanation_html=question.explanation_html if is_explained else None,
        is_closed=explaining.is_submitted or is_explained,
        is_explained=is_explained,
        can_check=explaining.is_checkable and not is_explained,
    )


def _state(share: Fraction | None, chosen: Sequence[str]) -> str:
    if share is None:
        return "answered" if chosen else "open"
    if share == 1:
        return "right"
    return "partial" if share else "wrong"


def _choice(choice: Choice, chosen: Sequence[str], *, is_explained: bool) -> ChoiceView:
    return ChoiceView(
        id=choice.id,
        html=choice.text_html,
        is_chosen=choice.id in chosen,
        is_key=choice.is_key if is_explained else None,
        feedback_html=choice.feedback_html if is_explained else None,
    )
