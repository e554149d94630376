"""Without a language model: a suggestion for each criterion by rule, which is never a grade. A person always decides.

The rule looks for passages in the student's own words that share words with what counts for the criterion, and
suggests a level by how many there are and whether they give a reason. It finds places to read; it does not understand.
"""

from course.rubric import Criterion
from grading.common_words import COMMON_WORDS, FUNCTION_WORDS
from grading.judging import NEAR_SILENCE, Submission
from grading.passages import Passage, passages_of
from grading.topic import stem
from grading.transcript import Quote, quote_from, words
from grading.verdict import LEAST_WORDS, LevelNumber, Verdict

MOST_QUOTES = 3
LEAST_SHARED = 2
REASONS = frozenset({"because", "since", "so", "therefore", "as", "bc", "cause", "otherwise", "unless", "if"})


def suggest(submission: Submission, criterion: Criterion) -> Verdict:
    """Level 0 or 1 without any passage that fits, 2 with one, 3 with one that gives a reason or with two. Never 4."""
    if submission.checked.is_near_silence:
        return NEAR_SILENCE
    stems = _stems_of(criterion)
    found: list[tuple[int, bool, Quote]] = []
    for turn in submission.transcript.student_turns:
        for passage in passages_of(turn):
            if submission.checked.flags_at(turn.id, passage.start, passage.end):
                continue
            shared = _shared(passage, stems)
            if shared >= LEAST_SHARED and len(words(passage.text)) >= LEAST_WORDS:
                has_reason = any(word.casefold() in REASONS for word in words(passage.text))
                found.append((shared, has_reason, quote_from(turn, passage.start, passage.end)))
    best = sorted(found, key=lambda one: (-one[0], one[2].turn_number, one[2].start))[:MOST_QUOTES]
    return Verdict(
        level=_level(best),
        evidence=tuple(quote for _, _, quote in best),
        omission=not best,
        boundary="",
        feedback="",
        confidence=1,
        speaks_to_grader=False,
    )


def _level(best: list[tuple[int, bool, Quote]]) -> LevelNumber:
    if not best:
        return 1
    return 3 if len(best) > 1 or best[0][1] else 2


def _stems_of(criterion: Criterion) -> frozenset[str]:
    texts = [criterion.name, *criterion.counts]
    texts += [text for level in criterion.levels if level.level > 1 for text in (level.descriptor, *level.exemplars)]
    common = {stem(word) for word in COMMON_WORDS | FUNCTION_WORDS}
    return frozenset({stem(word) for text in texts for word in words(text)} - common)


def _shared(passage: Passage, stems: frozenset[str]) -> int:
    return len({stem(word) for word in words(passage.text)} & stems)
