// Answers that an earlier visit left on this device. Where nothing else has been saved since, they simply come back;
// where the attempt went on elsewhere, the learner is asked, and until then nothing newer is touched.

import { answerOf, fill, isSame, nameOf, takes, wordsOf } from "./quiz_cards.js";
import { forget, leftBehind } from "./unsent.js";

/** Puts back into `open` cards what may come back; the rest is offered in `box`. `onFill(card)` hears of each card that
 *  was filled. Says whether anything had been left. */
export function bringBack(open, box, { attempt, seen }, onFill) {
  const cards = new Map(open.map((card) => [nameOf(card), card]));
  const offered = new Map();
  const undecided = [];
  const found = leftBehind(attempt);
  for (const left of found) {
    const isCurrent = left.writer === seen || left.seen === seen; // nobody else has written since
    let isOffered = false;
    for (const [name, values] of left.answers) {
      const card = cards.get(name);
      if (!card || !takes(card, values) || isSame(answerOf(card), values)) continue;
      if (isCurrent) {
        fill(card, values);
        onFill(card);
      } else {
        offered.set(card, values);
        isOffered = true;
      }
    }
    if (isOffered) undecided.push(left);
    else forget(left);
  }
  if (offered.size) offer(box, offered, undecided, onFill);
  return found.length > 0;
}

function offer(box, offered, undecided, onFill) {
  const list = box.querySelector("ul");
  for (const [card, values] of offered) {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    link.href = `#${card.id}`;
    link.textContent = card.querySelector(".question-number").textContent;
    const answer = wordsOf(card, values).join(" · ") || box.dataset.nothing;
    entry.append(link, `: ${answer}`);
    list.append(entry);
  }
  box.querySelector("[data-use]").addEventListener("click", () => {
    for (const [card, values] of offered) {
      if (!takes(card, values)) continue; // checked since
      fill(card, values);
      onFill(card);
    }
    settle();
  });
  box.querySelector("[data-drop]").addEventListener("click", settle);
  box.hidden = false;
  box.focus();

  function settle() {
    undecided.forEach(forget);
    box.hidden = true;
    offered.keys().next().value.focus({ preventScroll: true });
  }
}
