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
 * Calls back with the ids of traces that changed, until the signal aborts.
 * @param {AbortSignal} signal
 * @param {(ids: string[]) => void} listener
 */
export function onChange(signal, listener) {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}

/** Follows what the server tells. state is called with true or false as the connection comes and goes. */
export function follow(state) {
  const source = new EventSource("/local/events");
  source.addEventListener("open", () => state(true));
  source.addEventListener("error", () => state(false));
  source.addEventListener("changed", (event) => {
    const ids = JSON.parse(event.data);
    for (const listener of [...listeners]) listener(ids);
  });
}
