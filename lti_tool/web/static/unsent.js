// Answers the server has not confirmed yet, kept on this device under the address they will be sent to.

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

export class Unsent {
  #storage = usableStorage();
  #key;
  #answers = new Map();

  constructor(action) {
    this.#key = PREFIX + action;
    try {
      this.#answers = new Map(Object.entries(JSON.parse(this.#storage?.getItem(this.#key) ?? "{}")));
    } catch {
      // not ours to read: begin with nothing
    }
  }

  get isEmpty() {
    return this.#answers.size === 0;
  }

  entries() {
    return [...this.#answers];
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
      if (this.isEmpty) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, JSON.stringify(Object.fromEntries(this.#answers)));
    } catch {
      // full: the answers are still in memory and on their way
    }
  }
}
