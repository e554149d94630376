"""`python -m tests.attack_sets.learn [--check]`: the weights of grading/asides.py, learned from labelled passages.

`--check` learns once for each fold with whole families of attacks and whole groups of honest texts left out, and prints
what share of their passages is found: the only figure that says anything about attacks nobody has thought of yet.
"""

import json
import math
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.asides import aside_score, features
from grading.evaluation.records import ATTACKS, Record, pairs_of, read_set
from grading.passages import passages_of
from grading.topic import topic_of
from grading.transcript import canonical_turn, transcript_of
from tests.attack_sets.families import FAMILIES
from tests.attack_sets.honest import CHATTER
from tests.attack_sets.inserted import inserted_passages
from tests.attack_sets.natural import TALKS
from tests.grading.labs import lab

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[1] / "grading/aside-weights.json"
SEEN_SETS = tuple(HERE.parent / f"grading_sets/seen_{which}.jsonl" for which in ("first", "second", "third"))
LABS = {number: lab(number) for number in (1, 2, 3, 4)}
TOPICS = {number: topic_of(one.rubric) for number, one in LABS.items()}
HONEST = "honest"
NOT_BY_WORDS = frozenset({
    "base64", "rot13", "reversed", "zero-width", "look-alike", "word-list", "rubric-recital", "partner-echo",
})  # fmt: skip
"""Families of which each word is honest or none is: other checks are for those."""
FOLDS, RATE, SHRINK, LEAST_OFTEN, LEAST_WEIGHT = 8, 0.3, 0.1, 4, 0.03
EPOCHS, AVERAGED = 24, 16
DRAWN = 40


@dataclass(frozen=True, slots=True)
class Example:
    """A passage. `group`: what is left out together with it when the learning is checked."""

    text: str
    lab: int
    is_aside: bool
    group: str


def examples(seen: Sequence[Path] = SEEN_SETS) -> list[Example]:
    """All passages there are to learn from, each once."""
    found: dict[tuple[str, bool], Example] = {}
    for one in (*_phrases("attacks.txt"), *_phrases("honest.txt"), *_own_families(), *_own_honest(), *_of_sets(seen)):
        found.setdefault((one.text, one.is_aside), one)
    return list(found.values())


def learn(examples: Sequence[Example], without: Collection[str] = ()) -> dict[str, float]:
    """Logistic regression by AdaGrad with weight decay, averaged over the later epochs, so that the order in which the
    examples come makes little difference."""
    cases = [(features(one.text, TOPICS[one.lab]), one.is_aside) for one in examples if one.group not in without]
    often = Counter(name for names, _ in cases for name in names)
    known = [(sorted(name for name in names if often[name] >= LEAST_OFTEN), aside) for names, aside in cases]
    weights: defaultdict[str, float] = defaultdict(float)
    squares: defaultdict[str, float] = defaultdict(lambda: 1e-6)
    average: defaultdict[str, float] = defaultdict(float)
    chance = random.Random(1)
    for epoch in range(EPOCHS):
        chance.shuffle(known)
        for names, aside in known:
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(weights[name] for name in names))))) - aside
            for name in names:
                slope = error + SHRINK * weights[name]
                squares[name] += slope * slope
                weights[name] -= RATE * slope / math.sqrt(squares[name])
        if epoch >= EPOCHS - AVERAGED:
            for name, weight in weights.items():
                average[name] += weight / AVERAGED
    return {name: round(weight, 2) for name, weight in sorted(average.items()) if abs(weight) >= LEAST_WEIGHT}


def _phrases(file: str) -> Iterator[Example]:
    family, found = HONEST, []
    for line in (HERE / "phrases" / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            family = line.removeprefix("== ")
        elif begun := re.match(r"([1-4])\|(.*)", line):
            found.append((family, int(begun[1]), begun[2]))
        elif line.strip() and not line.startswith("#"):
            family, number, text = found.pop()
            found.append((family, number, f"{text}\n{line}"))
    for place, (family, number, text) in enumerate(found):
        is_aside = family != HONEST
        yield from _passages(text, number, is_aside, family if is_aside else f"{HONEST} {place % FOLDS}")


def _own_families() -> Iterator[Example]:
    bare = [{"role": "partner", "text": "Go on."}, {"role": "student", "text": ""}]
    for family in sorted(FAMILIES.keys() - NOT_BY_WORDS):
        for number in range(DRAWN):
            place = 1 + number % len(LABS)
            turns = FAMILIES[family](LABS[place], bare, random.Random(f"{family} {number}"))
            for turn in turns:
                if turn["role"] == "student":
                    yield from _passages(turn["text"], place, True, f"own {family}")


def _own_honest() -> Iterator[Example]:
    for place, (number, said) in enumerate(TALKS):
        for text in said:
            yield from _passages(text, number, False, f"{HONEST} {place % FOLDS}")
    for place, text in enumerate(CHATTER):
        yield from _passages(text, 1 + place % len(LABS), False, f"{HONEST} {place % FOLDS}")
    for number, one in LABS.items():
        texts = [text for criterion in one.rubric.criteria for level in criterion.levels for text in level.exemplars]
        for place, text in enumerate(texts):
            yield from _passages(text, number, False, f"{HONEST} {place % FOLDS}")


def _of_sets(files: Sequence[Path]) -> Iterator[Example]:
    for file in files:
        records = read_set(file.read_text(encoding="utf-8").split("\n"), LABS)
        by_id = {record.id: record for record in records}
        for record in records:
            if not record.is_attack:
                group = f"{HONEST} {sum(map(ord, record.turns[1].text)) % FOLDS}"
                for turn in transcript_of(record.turns).student_turns:
                    yield from _passages(turn.text, _number(record), False, group)
        for attack, clean in pairs_of(records):
            family = min(by_id[attack].tags - ATTACKS - {"synthetic"}, default="attack")
            for text in inserted_passages(by_id[attack], by_id[clean]):
                yield Example(text, _number(by_id[attack]), True, f"{file.stem} {family}")


def _passages(text: str, number: int, is_aside: bool, group: str) -> Iterator[Example]:
    for passage in passages_of(canonical_turn(1, "student", text)):
        yield Example(passage.text, number, is_aside, group)


def _number(record: Record) -> int:
    return int(record.lab.id.removeprefix("lab-"))


def _check(all_examples: Sequence[Example]) -> str:
    groups = sorted({one.group for one in all_examples})
    asides: list[float] = []
    honest: list[float] = []
    for fold in range(FOLDS):
        left_out = set(groups[fold::FOLDS])
        weights = learn(all_examples, left_out)
        for one in all_examples:
            if one.group in left_out:
                score = aside_score(one.text, TOPICS[one.lab], weights)
                (asides if one.is_aside else honest).append(score)
    lines = [f"{len(asides)} asides in families and {len(honest)} honest passages, all judged by weights that were "
             "learned without their family or group"]  # fmt: skip
    for least in (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0):
        found, wrong = (sum(score > least for score in scores) / len(scores) for scores in (asides, honest))
        lines.append(f"  above {least:4.1f}: {found:.3f} of the asides, {wrong:.3f} of the honest passages")
    return "\n".join(lines)


if __name__ == "__main__":
    passages = examples()
    if "--check" in sys.argv[1:]:
        sys.stdout.write(_check(passages) + "\n")
    else:
        WEIGHTS.write_text(json.dumps(learn(passages), ensure_ascii=True, indent=0) + "\n", encoding="utf-8")
        sys.stdout.write(f"{WEIGHTS.name}: learned from {len(passages)} passages\n")
