// Marks a section as read: at a press of its button, or by itself once its end has been in view for a while and there
// was time to read it. Nothing is ever marked by loading a page: the reader must have moved first.

import { post } from "./post.js";
import { follow } from "./delivery.js";
import { markCurrentDone } from "./strip.js";

const FASTEST_WORDS_A_SECOND = 9; // twice as fast as adults read; below that it was scrolled past
const END_IN_VIEW_SECONDS = 3;
const TRIES = 3;

class Passage {
  secondsSeen = 0;
  secondsAtEnd = 0;
  isInView = false;
  isEndInView = false;
  triesLeft = TRIES;
  isBusy = false;

  constructor(box) {
    this.box = box;
    this.id = box.dataset.read;
    this.form = box.querySelector("form");
    this.text = box.closest(".section") ?? document.getElementById("text");
    const words = this.text.textContent.trim().split(/\s+/).length;
    this.secondsNeeded = Math.max(5, words / FASTEST_WORDS_A_SECOND);
  }

  get isOpen() {
    return this.form.isConnected && !this.isBusy;
  }

  tick() {
    if (this.isInView) this.secondsSeen += 1;
    this.secondsAtEnd = this.isEndInView ? this.secondsAtEnd + 1 : 0;
    const isPlausible = this.secondsSeen >= this.secondsNeeded && this.secondsAtEnd >= END_IN_VIEW_SECONDS;
    if (!isPlausible || this.triesLeft === 0) return;
    this.secondsAtEnd = -30; // the next try, if this one fails
    this.triesLeft -= 1;
    this.mark().catch(() => {}); // the button stays
  }

  async mark() {
    this.isBusy = true;
    try {
      const answer = await post(this.form.getAttribute("action"), new FormData(this.form), { keepalive: true });
      this.show(answer);
    } finally {
      this.isBusy = false;
    }
  }

  show(answer) {
    const hadFocus = this.form.contains(document.activeElement);
    const state = this.box.querySelector(".read-state");
    state.hidden = false;
    this.form.remove();
    if (hadFocus) state.focus({ preventScroll: true });
    for (const entry of document.querySelectorAll(`[data-outline="${CSS.escape(this.id)}"]`)) entry.classList.add("is-read");
    if (!answer.is_done) return;
    for (const mark of document.querySelectorAll("[data-page-done]")) mark.hidden = false;
    markCurrentDone();
    follow(); // the grade, where reading counts one
  }
}

const passages = [...document.querySelectorAll("[data-read]:has(form)")].map((box) => new Passage(box));

function watch(passage) {
  new IntersectionObserver(([entry]) => { passage.isInView = entry.isIntersecting; }).observe(passage.text);
  new IntersectionObserver(([entry]) => { passage.isEndInView = entry.isIntersecting; }).observe(passage.box);
  passage.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (passage.isBusy) return;
    try {
      await passage.mark();
    } catch {
      passage.form.submit(); // the plain way, which also shows what went wrong
    }
  });
}

passages.forEach(watch);

window.addEventListener("online", () => {
  for (const passage of passages) passage.triesLeft = TRIES;
});

let hasMoved = false;
for (const kind of ["scroll", "wheel", "pointerdown", "pointermove", "touchmove", "keydown"]) {
  document.addEventListener(kind, () => { hasMoved = true; }, { once: true, passive: true, capture: true });
}

setInterval(() => {
  if (!hasMoved || document.visibilityState !== "visible") return;
  passages.filter((passage) => passage.isOpen).forEach((passage) => passage.tick());
}, 1000);
