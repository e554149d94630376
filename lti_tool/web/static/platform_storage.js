// Lets the platform keep a secret of ours, or asks for it, where this frame keeps no cookie (LTI postMessage storage).
// Whatever comes of it, the page goes on: the server offers a window of its own where nothing could be proved.

const WAIT_MS = 1000; // Canvas answers within some ten; a frame that is not there never does
const page = document.querySelector("[data-storage]");
const { target, origin, key } = page.dataset;
const value = page.querySelector("[data-value]")?.value; // of a login; a launch has none

/** The frames to ask: the one the platform named, if it is there, and the page around us. */
function candidates() {
  const around = window.parent !== window ? window.parent : window.opener;
  if (!around) return [];
  let named;
  try {
    named = target === "_parent" ? undefined : around.frames[target];
  } catch {
    named = undefined; // a browser that shows no frames of another site by their names
  }
  return named ? [named, around] : [around];
}

/** The platform's answer to one message. Rejects on an error, and when none comes in time. */
function ask(frame, message) {
  return new Promise((resolve, reject) => {
    const id = crypto.randomUUID();
    const timer = setTimeout(() => finish(reject, new Error("no answer")), WAIT_MS);
    function finish(how, what) {
      clearTimeout(timer);
      window.removeEventListener("message", listen);
      how(what);
    }
    function listen(event) {
      const said = event.data;
      // Only the platform's own sign-in may answer, and only to this very question.
      if (event.origin !== origin || typeof said !== "object" || said === null) return;
      if (said.message_id !== id || said.subject !== `${message.subject}.response`) return;
      finish(said.error ? reject : resolve, said);
    }
    window.addEventListener("message", listen);
    frame.postMessage({ ...message, message_id: id }, origin);
  });
}

/** What the first frame says that knows an answer; null when none does. All are asked at once, so nobody waits twice. */
async function askAny(message, isAnswer) {
  const asked = candidates().map(async (frame) => {
    const said = await ask(frame, message);
    if (!isAnswer(said)) throw new Error("it knows nothing");
    return said;
  });
  try {
    return await Promise.any(asked);
  } catch {
    return null;
  }
}

async function keep() {
  await askAny({ subject: "lti.put_data", key, value }, () => true);
  window.location.replace(page.querySelector("[data-onward]").href);
}

async function fetchBack() {
  const answer = await askAny({ subject: "lti.get_data", key }, (said) => typeof said.value === "string");
  if (answer) {
    page.querySelector("[data-binding]").value = answer.value;
    // it has done its work; nobody has to confirm that it is gone
    const forget = { subject: "lti.put_data", key, value: null, message_id: crypto.randomUUID() };
    for (const frame of candidates()) frame.postMessage(forget, origin);
  }
  page.querySelector("[data-onward]").submit();
}

if (value === undefined) fetchBack();
else keep();
