/** Latency, traces and errors, tokens and cost over time, drawn by hand. */

import { el, loading, show, svg } from "./dom.js";
import { cost, count, duration, moment } from "./format.js";
import { get, onChange } from "./remote.js";

const WIDTH = 440;
const HEIGHT = 160;
const LEFT = 66;
const BOTTOM = 22;
const RANGES = [["1 h", 3600e3], ["24 h", 24 * 3600e3], ["7 d", 7 * 24 * 3600e3], ["All", 0]];

/** The charts of a project. */
export function charts(view) {
  const grid = el("div.charts", {}, loading());
  const bar = el("div.filters", { role: "group", "aria-label": "Range" });
  const load = async () => {
    const range = Number(view.params.get("range") ?? 0);
    show(bar, RANGES.map(([label, length]) => el("button.chip.toggle", { type: "button", "aria-pressed": String(length === range), click: () => { view.change({ range: length ? String(length) : "" }); load(); } }, label)));
    try {
      const buckets = await get("/local/chart", { project_id: view.project, from_time: range ? new Date(Date.now() - range).toISOString() : "" });
      show(grid, buckets.some((bucket) => bucket.traces) ? all(buckets) : el("p.none", {}, range ? "No trace began in this time." : "No traces yet."));
    } catch (error) {
      show(grid, el("p.problem", { role: "alert" }, `The charts cannot be shown: ${error.message}`));
    }
  };
  let waiting;
  onChange(view.signal, () => { waiting ??= setTimeout(() => { waiting = undefined; load(); }, 1000); });
  load();
  return el("div", {}, el("div.tools", {}, bar), grid);
}

/** The four of them. */
function all(buckets) {
  return [draw("Latency", buckets, lines(["p50", "p95"]), duration, [key("line0", "p50"), key("line1", "p95")]),
    draw("Traces", buckets, bars("traces", "failed"), (n) => String(Math.round(n)), [key("line0", "traces"), key("bad", "failed")]),
    draw("Tokens", buckets, bars("tokens"), count, [el("span.hint", {}, "of all spans")]), draw("Cost", buckets, bars("cost"), cost, [el("span.hint", {}, "estimated")])];
}

/** What a colour stands for. */
function key(colour, label) {
  return el(`span.hint.key-to.${colour}`, {}, label);
}

/** The time of day, and the date where the buckets are of several days. */
function instant(time, buckets) {
  const days = new Set([buckets[0], buckets.at(-1)].map((bucket) => new Date(bucket.start).toDateString()));
  const clock = new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return days.size === 1 ? clock : `${new Date(time).toLocaleDateString([], { day: "numeric", month: "short" })}, ${clock}`;
}

/** One chart: axes, and marks that a function makes. */
function draw(title, buckets, { top, marks }, format, note) {
  const highest = Math.max(...buckets.map(top), 0);
  const x = (i) => LEFT + (i * (WIDTH - LEFT)) / buckets.length;
  const y = (value) => highest ? (HEIGHT - BOTTOM) - (value / highest) * (HEIGHT - BOTTOM - 12) : HEIGHT - BOTTOM;
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}, at most ${format(highest)}` },
    (format(highest / 2) === format(highest) ? [0, 1] : [0, 0.5, 1]).map((share) => [svg("line.grid", { x1: LEFT, x2: WIDTH, y1: y(highest * share), y2: y(highest * share) }),
      svg("text.axis", { x: LEFT - 8, y: y(highest * share) + 4, "text-anchor": "end" }, share && highest ? format(highest * share) : "0")]),
    marks(buckets, x, y, (bucket) => `${moment(bucket.start)}\n${describe(bucket)}`),
    svg("text.axis", { x: LEFT, y: HEIGHT - 4 }, instant(buckets[0].start, buckets)), svg("text.axis", { x: WIDTH, y: HEIGHT - 4, "text-anchor": "end" }, instant(buckets.at(-1).start, buckets)));
  return el("figure.chart", {}, el("figcaption", {}, el("strong", {}, title), note), picture);
}

function describe(bucket) {
  return `${bucket.traces} traces, ${bucket.failed} failed\np50 ${duration(bucket.p50)}, p95 ${duration(bucket.p95)}\n${count(bucket.tokens)} tokens, ${cost(bucket.cost)}`;
}

/** Bars of one figure, with the part of another in the colour of errors. */
function bars(field, part) {
  return { top: (bucket) => bucket[field], marks: (buckets, x, y, title) => buckets.map((bucket, i) => bucket[field] ? svg("g", {}, svg("title", {}, title(bucket)),
    rect(x, y, i, bucket[field], "fill"), part && bucket[part] ? rect(x, y, i, bucket[part], "fill bad") : null) : null) };
}

function rect(x, y, i, value, kind) {
  return svg("rect", { class: kind, x: x(i) + 1, y: y(value), width: Math.max(1, x(i + 1) - x(i) - 2), height: Math.max(1, y(0) - y(value)), rx: 1.5 });
}

/** Lines of several figures, over the buckets that hold a trace. */
function lines(fields) {
  return { top: (bucket) => Math.max(...fields.map((field) => bucket[field])), marks: (buckets, x, y, title) => {
    const filled = buckets.map((bucket, i) => ({ bucket, i })).filter(({ bucket }) => bucket.traces);
    const middle = (i) => (x(i) + x(i + 1)) / 2;
    return fields.map((field, n) => [svg("polyline", { class: `line line${n}`, points: filled.map(({ bucket, i }) => `${middle(i)},${y(bucket[field])}`).join(" ") }),
      filled.map(({ bucket, i }) => svg("circle", { class: `point line${n}`, cx: middle(i), cy: y(bucket[field]), r: 2.5 }, svg("title", {}, title(bucket))))]);
  } };
}
