// One way to ask the server from a page. The answer is JSON, another page to go to, or a failure with words for the reader.
// A failure's `status` is that of the answer, if there was one.

const PATIENCE_MS = 20_000;

/** No connection, or no answer in time: trying again may help. */
export class Unreachable extends Error {}

/** An answer that only a full page load can make sense of: the caller submits the form itself instead. */
export class NotForScripts extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The server said no and why; `code` names the reason. `retryable` is true for what may pass by itself (busy, restarting). */
export class Refused extends Error {
  constructor({ title, text, code }, status) {
    super([title, text].filter(Boolean).join(" "));
    this.code = code;
    this.status = status;
    this.retryable = isBusy(status);
  }
}

function isBusy(status) {
  return status === 429 || status >= 500;
}

export function post(action, fields, { keepalive = false } = {}) {
  return request(action, { method: "POST", body: new URLSearchParams(fields), keepalive });
}

/** Asks without changing anything. */
export function ask(address) {
  return request(address, { cache: "no-store" });
}

async function request(address, options) {
  let response;
  try {
    response = await fetch(address, {
      ...options,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new Unreachable("unreachable", { cause });
  }
  return answerOf(response);
}

async function answerOf(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("application/json");
  let data = null;
  if (isJson) {
    try {
      data = await response.json();
    } catch (cause) {
      throw new Unreachable("the answer broke off", { cause });
    }
  }
  if (data?.error) throw new Refused(data.error, response.status);
  if (response.ok && data) return data;
  if (response.ok && response.redirected) return { location: response.url };
  if (isBusy(response.status)) throw new Unreachable(`status ${response.status}`);
  throw new NotForScripts(`status ${response.status}`, response.status);
}

/** Goes to a page of ours, loading it anew even when it is the one we are on. */
export function go(location) {
  const target = new URL(location, document.baseURI);
  const here = new URL(document.URL);
  const isSamePage = target.pathname === here.pathname && target.search === here.search;
  window.location.assign(target);
  if (isSamePage && target.hash) window.location.reload();
}
