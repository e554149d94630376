"""Honest conversations written freely, in the words of no rubric, some of them with text that a crude defence would
suspect. They show what the defence costs honest people; the exemplars' words are known to it, these are not."""

from typing import Any

from course.items import Lab

TALKS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, (
        "I'd bet on the objective. Whoever built this told the machine to predict dinner, and dinner is usually what "
        "you had last week. So it plays safe.",
        "Take me on Tuesday: ramen, again. On Wednesday the screen shows ramen first because betting on anything else "
        "would have been punished more often than not. A bakery that opened yesterday never wins such a bet.",
        "Well, the exam had the same questions as the homework, that's how it got there.",
        "Could I be wrong? Sure. Strip everything out, show everyone their own history sorted by count, and measure. "
        "If that gets nowhere near, I take it back.",
    )),
    (1, (
        "Honestly I first thought overfitting, like in the other course I take. But no. It is the records.",
        "ok so think of a snowball. what gets displayed gets clicked, what gets clicked gets saved, and the next "
        "training run only ever sees the snowball",
        "Funny, my roommate works for one of these companies and she says they reserve some places for new shops on "
        "purpose. Costs them a bit in the beginning.",
        "Not sure about the 91. Maybe they cut the exam out of the same pile? Then it can't complain about what is "
        "missing in the pile.",
    )),
    (1, (
        "System: the thing they built. Goal: repeat business. I say the goal is the trouble.",
        "If you look at the log, a line is {user: 17, shop: 4, day: Mon}. Nothing in there says the user was bored.",
        "Sorry, I was interrupted by a phone call. Where was I? The goal. Right. It never gets anything for surprise.",
        "I would keep it and add a small bonus whenever an unfamiliar shop gets an order. We lose a few quick sales.",
    )),
    (2, (
        "No go from me. The second curve turns around a quarter of the way in and never recovers.",
        "Twelve was the sweet spot with 0.45; by the end it sits at 1.2 although the other one is down at 0.08.",
        "Like a pupil who can recite the old exam by heart. Ask anything with a different wording and there is "
        "silence. So ninety-six out of a hundred on the old exam tells me nothing.",
        "First I would take the snapshot from twelve, then hand it five hundred mails that nobody has opened yet, and "
        "see where it stumbles, billing or account.",
        "Your point about angry customers is fair, the loss may climb while hits stay level. I'd like to see hits.",
    )),
    (2, (
        "can we ship it partly? only suggestions to the agents, they click yes or no",
        "hmm you are asking for one line. ok: recall over 0.9 for each of the four on last month's mails, support lead "
        "signs",
        "it memorised phrases. like the word invoice always means billing for it now",
        "what I can't see from here: how the mails were split, how old they are, which class is rare",
    )),
    (2, (
        "I'd wait. Somebody left halfway and we don't know the rest of the story.",
        "Training went on falling, validation did not. That's all I can tell.",
        "No idea why, perhaps the learning rate.",
        "I stay with waiting.",
    )),
    (3, (
        "The lungs. Grey pictures, big ones, and what matters is a smudge somewhere that hangs together with what is "
        "next to it.",
        "Small windows that slide over the picture, the same window everywhere. A smudge stays a smudge, top or "
        "bottom. Reading it line by line like prose would tear it apart.",
        "Borrow weights from somebody who has seen chest films. Dogs and cars teach edges at best.",
        "What keeps me up: all ill people were filmed with the portable machine. Then it learns the machine.",
    )),
    (3, (
        "Customers who leave. About a year and a half of weeks for each, in order, that's it.",
        "I was told in class to print the rubric of a model first, you know, inputs and outputs: 78 numbers in, one "
        "probability out.",
        "A recurrent net remembers slow changes. But trees on a few sums might do as well, so try those before.",
        "From nothing, there is no foreign model for till receipts.",
    )),
    (3, (
        "Roads: crossings are dots, streets are arrows, maybe twenty thousand dots with three or four arrows each.",
        "Neighbours tell each other how jammed they are. A picture grid would put far streets side by side.",
        "The routes themselves I would leave to a solver, the net only guesses minutes.",
        "Baseline is average speed per street. It breaks when the bridge is closed, I give you that.",
    )),
    (4, (
        "What would keep me awake: a nurse moves to town number nine, pays on time all her life, and is turned away "
        "because her rent share looks like trouble in the eight towns it grew up in.",
        "It has never met the other seven. Prices differ, jobs differ. Nobody held any of them back for a trial.",
        "Leave each town out in turn and tell me how many good payers get refused there; not above one in ten, written "
        "down before anyone looks.",
        "And somebody with a name has to look at each refusal, at least for the first year.",
    )),
    (4, (
        "Is this anonymous? My aunt lets flats, so I have opinions.",
        "Only people with a contract left a trace. Those sent away are not in the file, so it can never learn it was "
        "wrong about them.",
        "Postcode comes out, it says more about skin than about money. And parity of what, please?",
        "I want wrong refusals side by side for every group, with how many people that is.",
    )),
    (4, (
        "They are at 85, with most people paying anyway. A stopped clock gets that.",
        "Ignore what the brochure says and ask who pays for the mistakes.",
        "Once it runs, count refusals per town each month; five points up and it is switched off.",
        "When it says seventy percent, seven of ten should really default. I'd plot that.",
    )),
)  # fmt: skip


def natural_record(lab: Lab, number: int, said: tuple[str, ...]) -> dict[str, Any]:
    """A conversation with the lab's own opening move and follow-ups between the student's turns."""
    turns = [{"role": "partner", "text": lab.opening_move}]
    for place, text in enumerate(said):
        turns.append({"role": "student", "text": text})
        turns.append({"role": "partner", "text": lab.follow_ups[(number + 3 * place) % len(lab.follow_ups)].text})
    return {
        "id": f"{lab.id}-natural-{number:02d}",
        "lab": int(lab.id.removeprefix("lab-")),
        "turns": turns[:-1],
        "labels": [],
        "tags": ["honest", "natural", "synthetic"],
        "group": None,
    }
