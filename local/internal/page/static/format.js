/** Figures and times as people read them. */

/** @param {number|null|undefined} ms */
export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 0) return `−${duration(-ms)}`; // its clock went back
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** @param {number|null|undefined} n */
export function count(n) {
  if (!n) return "–";
  if (n < 10000) return String(Math.round(n));
  return n < 1e6 ? `${(n / 1000).toFixed(1)}k` : `${(n / 1e6).toFixed(2)}M`;
}

/** @param {number|null|undefined} dollars */
export function cost(dollars) {
  if (!dollars) return "–";
  if (dollars < 1e-5) return "<$0.00001";
  if (dollars >= 1) return `$${dollars.toFixed(2)}`;
  return `$${Number(dollars.toPrecision(2)).toFixed(Math.min(8, 1 - Math.floor(Math.log10(dollars))))}`;
}

/** @param {string} time an instant; 1970 is the start of a partial row */
export function isPartial(time) {
  return time.startsWith("1970-01-01T00:00:00Z");
}

/** A moment near now is told from now, another by its date. */
export function moment(time) {
  if (isPartial(time)) return "not created yet";
  const seconds = (Date.now() - Date.parse(time)) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  const date = new Date(time);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return seconds < 86400 && date.getDate() === new Date().getDate() ? clock
    : `${date.toLocaleDateString([], { day: "numeric", month: "short" })}, ${clock}`;
}

/** @param {string} time */
export function exact(time) {
  return isPartial(time) ? "an update came before the create" : `${new Date(time).toLocaleString()} (${time})`;
}

/** Milliseconds since 1970 with their fraction, which Date.parse cuts off. */
export function millis(time) {
  const fraction = /\.(\d+)Z$/.exec(time)?.[1] ?? "0";
  return Math.floor(Date.parse(time) / 1000) * 1000 + Number(`0.${fraction}`) * 1000;
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}
