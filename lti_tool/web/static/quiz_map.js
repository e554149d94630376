// The map of questions, and how many are answered; both follow what is ticked, and the map the question in view.

import { answerOf, cardsOf } from "./quiz_cards.js";

function drawing(entry, isAnswered) {
  entry.querySelector("use").setAttribute("href", isAnswered ? "#icon-done" : "#icon-not-started");
}

export class QuestionMap {
  #form;
  #seen = new Map();
  #watch = new IntersectionObserver((entries) => this.#move(entries), { rootMargin: "-20% 0px -40% 0px" });

  constructor(form) {
    this.#form = form;
    for (const card of cardsOf(form)) this.follow(card);
    // what has the focus must not come to lie behind the line at the foot of the page, open or folded
    const foot = form.querySelector(".progress");
    new ResizeObserver(() => {
      document.documentElement.style.scrollPaddingBlockEnd = `${foot.offsetHeight + 16}px`;
    }).observe(foot);
  }

  /** A card that has come into the page is followed as well. */
  follow(card) {
    if (this.#form.querySelector("[data-map]")) this.#watch.observe(card);
  }

  /** Counts and draws anew. */
  show() {
    const cards = cardsOf(this.#form);
    const answered = cards.filter((card) => answerOf(card).length).length;
    const line = this.#form.querySelector("[data-progress-count]");
    line.textContent = this.#form.dataset.progress.replace("{answered}", answered).replace("{total}", cards.length);
    for (const card of cards) {
      const entry = this.#entry(card);
      if (!entry) continue;
      const isAnswered = answerOf(card).length > 0;
      drawing(entry, isAnswered);
      const words = isAnswered ? this.#form.dataset.answered : this.#form.dataset.open;
      entry.querySelector("[data-map-words]").textContent = words.replace("{number}", card.dataset.number);
    }
  }

  #entry(card) {
    return this.#form.querySelector(`[data-map] a[href="#${CSS.escape(card.id)}"]`);
  }

  #move(entries) {
    for (const { target, isIntersecting } of entries) this.#seen.set(target.id, isIntersecting);
    const current = cardsOf(this.#form).find((card) => this.#seen.get(card.id));
    if (!current) return;
    for (const link of this.#form.querySelectorAll("[data-map] a[aria-current]")) link.removeAttribute("aria-current");
    this.#entry(current)?.setAttribute("aria-current", "true");
  }
}
