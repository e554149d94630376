// The question cards as the scripts read and fill them. A card's answer is the list of the values ticked in it.

const TICKED = ".choices input:checked";

export function cardsOf(form) {
  return [...form.querySelectorAll("[data-question]")];
}

/** The name its answer is posted under. */
export function nameOf(card) {
  return `q.${card.dataset.question}`;
}

export function answerOf(card) {
  return [...card.querySelectorAll(TICKED)].map((input) => input.value);
}

/** Whether its answer is no longer the one that the page came with. */
export function isChanged(card) {
  return [...card.querySelectorAll(".choices input")].some((input) => input.checked !== input.defaultChecked);
}

/** Whether a card takes this answer: it is still open, and the answer is made of its own choices. */
export function takes(card, values) {
  const inputs = [...card.querySelectorAll(".choices input")];
  const known = inputs.map((input) => input.value);
  return inputs.length > 0 && !inputs[0].disabled && values.every((value) => known.includes(value));
}

/** Ticks an answer that the card takes. */
export function fill(card, values) {
  for (const input of card.querySelectorAll(".choices input")) input.checked = values.includes(input.value);
  sayPresent(card);
}

/** From now on the card is posted even when nothing in it is ticked: then its answer has been taken back. */
export function sayPresent(card) {
  const field = card.querySelector("[data-present]");
  if (field) field.disabled = false;
}

/** The words of an answer, as the card shows them. */
export function wordsOf(card, values) {
  const inputs = [...card.querySelectorAll(".choices input")].filter((input) => values.includes(input.value));
  return inputs.map((input) => input.closest("label").textContent.trim());
}

export function isSame(one, other) {
  return one.length === other.length && one.every((value) => other.includes(value));
}
