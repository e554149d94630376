// Answers that never left this device before the attempt was handed in: the learner should know of them.

import { forget, leftBehind } from "./unsent.js";

const box = document.querySelector("[data-left-behind]");
const left = leftBehind(box.dataset.leftBehind);

/** The cards of this page whose answer would have been another one. */
function missed() {
  return [...document.querySelectorAll("[data-question]")].filter((card) => {
    const shown = [...card.querySelectorAll(".choices input:checked")].map((input) => input.value);
    return left.some(({ answers }) => {
      const kept = answers.get(`q.${card.dataset.question}`);
      return kept && (kept.length !== shown.length || kept.some((value) => !shown.includes(value)));
    });
  });
}

const cards = missed();
if (cards.length) {
  const numbers = cards.map((card) => card.dataset.number);
  const language = document.documentElement.lang || undefined;
  const list = new Intl.ListFormat(language).format(numbers);
  box.querySelector("[data-left-questions]").textContent = box.dataset.questions.replace("{numbers}", list);
  box.querySelector("[data-drop]").addEventListener("click", () => {
    left.forEach(forget);
    box.hidden = true;
  });
  box.hidden = false;
} else {
  left.forEach(forget);
}
