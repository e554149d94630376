// Follows a reply that the server is writing: by its events, and where those do not come through, by asking.

const ASK_MS = 2_000;
const LONGEST_ASK_MS = 15_000;

/** `state` has the addresses `events` and `state`. `onText` gets all of the text so far, `onEnd` how it came out. */
export function follow(state, { onText, onEnd }) {
  let text = "";
  const source = new EventSource(state.events);
  source.addEventListener("text", (event) => {
    text += JSON.parse(event.data).text;
    onText(text);
  });
  source.addEventListener("again", () => {
    text = "";
    onText(text);
  });
  source.addEventListener("end", (event) => {
    source.close();
    onEnd(JSON.parse(event.data));
  });
  // The browser comes back by itself after a cut, and says what it has. Refused for good, it gives up, and we ask.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) ask(ASK_MS);
  });

  async function ask(wait) {
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
    const answer = await stateOf(state.state);
    if (!answer) {
      ask(Math.min(Math.max(wait, ASK_MS) * 1.5, LONGEST_ASK_MS));
    } else if (answer.status === "streaming") {
      onText(answer.text);
      ask(ASK_MS);
    } else {
      onEnd(answer);
    }
  }
}

/** How the reply stands; nothing when the server cannot be reached just now. */
async function stateOf(address) {
  try {
    const response = await fetch(address, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.timeout(LONGEST_ASK_MS),
    });
    if (response.ok) return await response.json();
    if (response.status < 500 && response.status !== 429) window.location.reload(); // the seat has gone: the page says so
  } catch {
    // offline: it is tried again
  }
  return null;
}
