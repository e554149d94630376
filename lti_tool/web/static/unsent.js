// Answers the server has not confirmed yet, kept on this device under the attempt they belong to.
//
// Each page writes under a name of its own (its `writer`), so that two tabs never take each other's answers away; with
// them stands which page had the attempt before (`seen`), so that a later visit can tell whether it has moved on since.

const PREFIX = "coursewright:unsent:";

/** The storage that works here: a frame may be denied one or both, and then memory must do. */
function usableStorage() {
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      const storage = window[name];
      storage.setItem(`${PREFIX}try`, "1");
      storage.removeItem(`${PREFIX}try`);
      return storage;
    } catch {
      // denied or full
    }
  }
  return null;
}

const storage = usableStorage();

/** What an earlier page of this attempt left behind: `writer`, `seen`, and `answers`, a map of name to values. */
export function leftBehind(attempt) {
  const found = [];
  for (let place = 0; place < (storage?.length ?? 0); place += 1) {
    const key = storage.key(place);
    if (!key.startsWith(`${PREFIX}${attempt}:`)) continue;
    try {
      const { writer, seen, answers } = JSON.parse(storage.getItem(key));
      found.push({ key, writer, seen, answers: new Map(Object.entries(answers)) });
    } catch {
      // not ours to read
    }
  }
  return found;
}

/** Forgets what an earlier page left, once it has been taken over or is not wanted. */
export function forget({ key }) {
  storage?.removeItem(key);
}

export class Unsent {
  #key;
  #page;
  #answers = new Map();

  constructor(attempt, { writer, seen }) {
    this.#key = `${PREFIX}${attempt}:${writer}`;
    this.#page = { writer, seen };
  }

  get isEmpty() {
    return this.#answers.size === 0;
  }

  /** `values` must be a list of its own at every call: `confirm` tells a later answer from the one sent by that. */
  put(name, values) {
    this.#answers.set(name, values);
    this.#keep();
  }

  drop(name) {
    this.#answers.delete(name);
    this.#keep();
  }

  /** What is about to be sent. */
  snapshot() {
    return new Map(this.#answers);
  }

  /** Forgets what was sent, except where another choice has been made since. */
  confirm(sent) {
    for (const [name, values] of sent) if (this.#answers.get(name) === values) this.#answers.delete(name);
    this.#keep();
  }

  #keep() {
    try {
      if (this.isEmpty) storage?.removeItem(this.#key);
      else storage?.setItem(this.#key, JSON.stringify({ ...this.#page, answers: Object.fromEntries(this.#answers) }));
    } catch {
      // full: the answers are still in memory and on their way
    }
  }
}
