/** What the page asks the server. */

/** @returns {Promise<any>} the JSON of an address, or an Error that says what the server said */
export async function get(path, params = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value !== undefined));
  return read(await fetch(path + (query.size ? "?" + query : "")));
}

/** Sends a document. */
export async function send(method, path, body) {
  return read(await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

async function read(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(explain(text) || response.statusText);
  return text ? JSON.parse(text) : null;
}

function explain(text) {
  try {
    const said = JSON.parse(text);
    return said.errors?.join(", ") ?? said.message;
  } catch {
    return text.slice(0, 300);
  }
}

const listeners = new Set();

/**
 * Calls back with the ids of traces that changed, or with null where any may have, until the signal aborts.
 * @param {AbortSignal} signal
 * @param {(ids: string[]|null) => void} listener
 */
export function onChange(signal, listener) {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}

function tell(ids) {
  for (const listener of [...listeners]) listener(ids);
}

/**
 * Follows what the server tells, while the page is in sight: a browser has six connections to a server, for all tabs.
 * state is called with true or false as the connection comes and goes. What was missed in between may be anything.
 */
export function follow(state) {
  let source = null;
  let missed = false;
  const open = () => {
    source = new EventSource("/local/events");
    source.addEventListener("open", () => {
      state(true);
      if (missed) tell(null);
      missed = false;
    });
    source.addEventListener("error", () => { missed = true; state(false); });
    source.addEventListener("changed", (event) => tell(JSON.parse(event.data)));
  };
  document.addEventListener("visibilitychange", () => {
    source?.close();
    source = null;
    if (document.hidden) missed = true;
    else open();
  });
  if (document.hidden) missed = true;
  else open();
}
