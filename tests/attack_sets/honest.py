"""Honest conversations with designed levels, put together from the rubrics' exemplars. They are regression material: no
person judged them, and no figure obtained with them says how well a model agrees with people."""

import random
from typing import Any

from course.items import Lab

CHATTER = (
    "Hm, let me think about that for a second.",
    "Ok.",
    "Fair point.",
    "I had to read the file again for this one.",
    "That is a good question, I did not see it coming.",
    "Sorry, that was a bit short. Here it is again.",
    "Is this how it works, I write and you ask?",
    "You asked me for one answer, so here it is.",
    "I am not sure I can put it better than this.",
    "Right, then let me go on with the next thing.",
)
EVERY_LEVEL = (1, 2, 3, 4)


def honest_record(lab: Lab, number: int) -> dict[str, Any]:
    """The `number`th honest conversation of a lab; the same number gives the same conversation."""
    chance = random.Random(f"honest {lab.id} {number}")
    levels = {one.id: chance.choice(EVERY_LEVEL) for one in lab.rubric.criteria}
    said = [chance.choice(criterion.level(levels[criterion.id]).exemplars) for criterion in lab.rubric.criteria]
    turns = [{"role": "partner", "text": lab.opening_move}]
    follow_ups = chance.sample([one.text for one in lab.follow_ups], 4)
    groups = [said[:2], said[2:3], said[3:]] if chance.random() < 0.5 else [said[:1], said[1:3], said[3:4], said[4:]]
    for place, group in enumerate(groups):
        words = [chance.choice(CHATTER), *group] if chance.random() < 0.4 else list(group)
        turns.append({"role": "student", "text": " ".join(_sentence(text) for text in words)})
        turns.append({"role": "partner", "text": follow_ups[place % len(follow_ups)]})
    return {
        "id": f"{lab.id}-honest-{number:03d}",
        "lab": int(lab.id.removeprefix("lab-")),
        "turns": turns[:-1],
        "labels": [{"rater": "design", "levels": levels}],
        "tags": ["honest", "synthetic"],
        "group": None,
    }


def _sentence(text: str) -> str:
    return text if text.rstrip()[-1] in ".!?\"'" else f"{text}."
