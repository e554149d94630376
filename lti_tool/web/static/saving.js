// Sends the quiz's own form: one request after the other, so that no reply can be older than a choice it answers, and
// again and again while there is no connection. It tells its page what came of it and touches no question itself.

import { Refused, post } from "./post.js";

const SETTLE_MS = 250;
const SLOW_MS = 800;
const FIRST_RETRY_MS = 3_000;
const LONGEST_RETRY_MS = 20_000;

export class Saving {
  #form;
  #unsent;
  #page;
  #queue = Promise.resolve();
  #timer = 0;
  #retry = FIRST_RETRY_MS;
  #isSaving = false;
  #isStopped = false;

  /** `page` is told by `saving`, `saved`, `answered`, `leave`, `waiting`, `refused`. */
  constructor(form, unsent, page) {
    this.#form = form;
    this.#unsent = unsent;
    this.#page = page;
  }

  get isStopped() {
    return this.#isStopped;
  }

  /** Nothing is sent any more: another page has the attempt, or this one is being left. */
  stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Posts the form as it is when its turn comes. */
  send(action) {
    clearTimeout(this.#timer);
    const turn = this.#queue.then(() => {
      const fields = new FormData(this.#form);
      fields.set("action", action);
      const sent = this.#unsent.snapshot();
      return post(this.#form.getAttribute("action"), fields, { keepalive: true }).then((answer) => {
        this.#unsent.confirm(sent);
        this.#retry = FIRST_RETRY_MS;
        this.#page.answered(answer);
        return answer;
      });
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  soon(wait = SETTLE_MS) {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.now(), wait);
  }

  /** The connection may be back: try at once, and from there patiently again. */
  again() {
    this.#retry = FIRST_RETRY_MS;
    this.soon(0);
  }

  /** Tries again in a while, later each time. */
  later() {
    this.soon(this.#retry);
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS);
  }

  async now() {
    if (this.#isSaving || this.#isStopped || this.#unsent.isEmpty) return;
    this.#isSaving = true;
    const slow = setTimeout(() => this.#page.saving(), SLOW_MS);
    try {
      const answer = await this.send("save");
      if (answer.location) this.#page.leave(answer.location);
      else if (this.#unsent.isEmpty) this.#page.saved();
      else this.soon();
    } catch (failure) {
      if (failure instanceof Refused && !failure.retryable) {
        this.#page.refused(failure);
      } else {
        this.#page.waiting(failure);
        this.later();
      }
    } finally {
      clearTimeout(slow);
      this.#isSaving = false;
    }
  }
}
