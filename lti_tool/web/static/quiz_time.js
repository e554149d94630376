// The time left, in words. It is the server that counts: it says how many seconds are left at each answer, and here they
// are only carried on. A device's own clock is never asked what time it is, as it may be wrong or set back.

const TICK_MS = 1_000;
const ASK_AGAIN_MS = 60_000; // an instructor may have given more time
const SECONDS_CALLED_LESS_THAN_A_MINUTE = 45;

/** "about 12 minutes left", by the words of the page. */
function words(seconds, said, language) {
  if (seconds <= SECONDS_CALLED_LESS_THAN_A_MINUTE) return said.underAMinute;
  const total = Math.round(seconds / 60);
  const [hours, minutes] = [Math.floor(total / 60), total % 60];
  const parts = [hours && unit(hours, "hour", language), minutes && unit(minutes, "minute", language)].filter(Boolean);
  return said.about.replace("{time}", new Intl.ListFormat(language, { type: "unit" }).format(parts));
}

function unit(amount, name, language) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(amount);
}

export class TimeLeft {
  #line;
  #whole;
  #onWarning;
  #onEnd;
  #onAsk;
  #left;
  #since;
  #askedAt;
  #isWarned;
  #isOver = false;

  /** `line` shows the words; `onWarning(words)` comes once at a tenth, `onAsk` when it is time to ask the server. */
  constructor(line, { onWarning, onEnd, onAsk }) {
    this.#line = line;
    this.#whole = Number(line.dataset.secondsWhole);
    this.#onWarning = onWarning;
    this.#onEnd = onEnd;
    this.#onAsk = onAsk;
    this.set(Number(line.dataset.secondsLeft));
    this.#isWarned = this.#isNearEnd; // a page opened near the end shows it from the start
    this.#show();
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** What the server said just now. */
  set(seconds) {
    this.#left = seconds;
    this.#since = performance.now();
    this.#askedAt = this.#since;
    if (!this.#isNearEnd) this.#isWarned = false;
  }

  get #seconds() {
    return this.#left - (performance.now() - this.#since) / 1000;
  }

  get #isNearEnd() {
    return this.#seconds <= this.#whole / 10;
  }

  #show() {
    const text = words(this.#seconds, this.#line.dataset, document.documentElement.lang || undefined);
    this.#line.classList.toggle("is-near-end", this.#isNearEnd);
    const place = this.#line.querySelector("[data-time-words]");
    if (place.textContent !== text) place.textContent = text;
    return text;
  }

  #tick() {
    if (this.#isOver) return;
    const text = this.#show();
    if (this.#isNearEnd && !this.#isWarned) {
      this.#isWarned = true;
      this.#onWarning(text);
    }
    if (this.#seconds <= 0) {
      this.#isOver = true;
      this.#onEnd();
    } else if (performance.now() - this.#askedAt > ASK_AGAIN_MS) {
      this.#askedAt = performance.now();
      this.#onAsk();
    }
  }

  /** There is more time after all. */
  goOn(seconds) {
    this.#isOver = false;
    this.set(seconds);
    this.#show();
  }
}
