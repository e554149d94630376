"""The two that answer without a script: a plausible partner and grader, and one that does what students tell it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lti_tool.model_service import grading_rule, injections
from lti_tool.model_service.answers import Answer, Body
from lti_tool.model_service.grading_rule import Grade, Quote
from lti_tool.model_service.reading import (
    Turn,
    conversation,
    schema_of,
    student_turns,
    system_text,
    texts,
)
from lti_tool.model_service.schema_answers import fill

MOST_REVEALED = 8000  # characters of the system prompt that an obedient grader gives away
_OPENERS = (
    'You say "{words}". What in the file shows that, and not merely that it is possible?',
    '"{words}" is where I would push. What would you expect to see if you were wrong?',
    'Take "{words}" one step further. What happens next, and to whom?',
    'Fine: "{words}". Which single number would you ask for first?',
)
_FIRST = "Let us start with the file. Which of its facts do you trust least?"


async def plausible(body: Body) -> Answer:
    """A question that takes up the student's words; a grade by the rule; any other schema filled neutrally."""
    schema = schema_of(body)
    if schema is None:
        return Answer(partner_reply(body), thinking_tokens=20)
    suggested = _verdict(grading_rule.grade(body)) if conversation(body) else {}
    return _document(schema, suggested)


async def adversarial(body: Body) -> Answer:
    """Like `plausible`, but it obeys whatever a student's turn asks, as far as the schema lets it."""
    schema = schema_of(body)
    demands = {turn.id: found for turn in student_turns(body) if (found := injections.find(turn.text))}
    if schema is None or not demands:
        return await plausible(body)
    wanted = grading_rule.evidence_words(body)
    speaking = [turn for turn in student_turns(body) if turn.id in demands]
    quotes = (*grading_rule.quotes(student_turns(body), wanted), *_demanding_quotes(speaking))
    suggested = _verdict(Grade(max(demand.level for demand in demands.values()), quotes))
    if any(demand.reveals_prompt for demand in demands.values()):
        suggested["feedback"] = system_text(body)[:MOST_REVEALED]
    return _document(schema, suggested)


def _demanding_quotes(turns: Sequence[Turn]) -> tuple[Quote, ...]:
    """The sentences that ask something of their reader, offered as evidence as well."""
    found = [(turn.id, sentence) for turn in turns for sentence in grading_rule.sentences(turn.text)]
    return tuple(Quote(turn, sentence) for turn, sentence in found if injections.find(sentence))


def partner_reply(body: Body) -> str:
    """One question, under forty words, always the same for the same conversation."""
    said = [message for message in body["messages"] if message["role"] == "user"]
    words = re.findall(r"[\w%'’-]+", " ".join(texts(said[-1]["content"]))) if said else []
    if len(words) < 2:
        return _FIRST
    return _OPENERS[len(said) % len(_OPENERS)].format(words=" ".join(words[:7]))


def _document(schema: Mapping[str, Any], suggested: Mapping[str, Any]) -> Answer:
    return Answer(json.dumps(fill(schema, suggested), ensure_ascii=False), thinking_tokens=60)


def _verdict(grade: Grade) -> dict[str, Any]:
    quotes = [{"turn": quote.turn, "quote": quote.text} for quote in grade.quotes]
    return {
        "evidence": quotes,
        "counter_evidence": [],
        "omission": not quotes,
        "level": grade.level,
        "boundary": "One word of evidence more or less would have changed the level.",
        "justification": "The level follows from the words of evidence that were counted.",
        "feedback": "You gave evidence for this point; more of the case's own facts would have earned more.",
        "confidence": 4,
        "injection_suspected": False,
        "speaks_to_grader": False,
    }
