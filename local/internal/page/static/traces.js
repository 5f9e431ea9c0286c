/** The list of a project's traces: live, sorted, filtered, searched. */

import { el, loading, show } from "./dom.js";
import { count, cost, duration, exact, moment } from "./format.js";
import { filterBar } from "./filters.js";
import { get, onChange } from "./remote.js";

const PAGE = 50;
const COLUMNS = [
  { label: "Trace", field: "name" }, { label: "Started", field: "start_time" }, { label: "Duration", field: "duration" },
  { label: "Tokens", field: "usage.total_tokens" }, { label: "Cost", field: "total_estimated_cost" }, { label: "Spans", field: "span_count" },
];

/**
 * @param {Object} view where the user is: {project, params, go, signal}
 * @returns {HTMLElement}
 */
export function traces(view) {
  const state = { view, seen: null, total: 0, body: el("tbody"), foot: el("div.foot", {}, loading()), problem: el("p.problem", { role: "alert", hidden: true }) };
  const search = el("input", { type: "search", placeholder: "Search names, inputs, outputs …", "aria-label": "Search", value: view.params.get("search") ?? "", "data-key": "/" });
  let typed;
  search.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => { view.change({ search: search.value, page: "" }); load(state); }, 200);
  });
  const head = el("tr");
  const drawHead = () => show(head, COLUMNS.map((column) => header(state, column, drawHead)));
  drawHead();
  const table = el("table.list", {}, el("thead", {}, head), state.body);
  let waiting;
  onChange(view.signal, () => { waiting ??= setTimeout(() => { waiting = undefined; if (!view.signal.aborted) load(state); }, 150); });
  load(state);
  return el("div.traces", {}, el("div.tools", {}, search, filterBar(view, () => load(state))), state.problem, table, state.foot);
}

/** A column's head, which sorts. */
function header(state, { label, field }, redraw) {
  const { view } = state;
  const [by, direction] = (view.params.get("sort") ?? "").split(":");
  const active = by === field || (!by && field === "start_time");
  const mark = !active ? "" : direction === "ASC" ? " ↑" : " ↓";
  return el("th", { "aria-sort": active ? (direction === "ASC" ? "ascending" : "descending") : undefined }, el("button.head", { type: "button", click: () => {
    view.change({ sort: `${field}:${active && direction !== "ASC" ? "ASC" : "DESC"}`, page: "" });
    redraw();
    load(state);
  } }, label + mark));
}

/** Reads the page and draws it. An answer that was overtaken is dropped. */
async function load(state) {
  const { view } = state;
  const asked = state.asked = Symbol("load");
  const [field, direction] = (view.params.get("sort") || "start_time:DESC").split(":");
  const number = Number(view.params.get("page") || 1);
  try {
    const found = await get("/local/traces", {
      project_id: view.project, size: PAGE, page: number, search: view.params.get("search") ?? "", filters: view.params.get("filters") ?? "",
      sorting: JSON.stringify([{ field, direction }]),
    });
    if (state.asked !== asked) return;
    state.problem.hidden = true;
    draw(state, found, number);
  } catch (error) {
    if (state.asked !== asked) return;
    if (!state.seen) show(state.foot);
    state.problem.textContent = error.message;
    state.problem.hidden = false;
  }
}

/** Draws a page. A total of -1 was not counted: it is large. */
function draw(state, { traces: list, total, more }, number) {
  const before = state.seen;
  state.seen = new Set(list.map((trace) => trace.id));
  const slowest = Math.max(...list.map((trace) => trace.duration ?? 0), 1);
  const selected = state.body.querySelector("[aria-selected=true]")?.dataset.id;
  show(state.body, list.map((trace) => line(state.view, trace, slowest, before && !before.has(trace.id), trace.id === selected)));
  const asked = state.view.params.get("search") || state.view.params.get("filters");
  if (!list.length) show(state.body, el("tr", {}, el("td.none", { colspan: COLUMNS.length }, asked ? "No trace fits." : "No traces in this project yet.")));
  const counted = total >= 0;
  const pages = counted ? Math.ceil(total / PAGE) : number + (more ? 1 : 0);
  const turn = (to, label) => el("button.quiet", { type: "button", disabled: to < 1 || to > pages, click: () => { state.view.change({ page: String(to) }); load(state); } }, label);
  show(state.foot, el("span", {}, counted ? `${total.toLocaleString()} ${total === 1 ? "trace" : "traces"}` : "many traces"),
    pages > 1 ? [turn(number - 1, "Newer"), el("span", {}, counted ? `${number} of ${pages}` : `page ${number}`), turn(number + 1, "Older")] : null);
}

/** A preview without Markdown's marks. */
function unmarked(text) {
  return text?.replace(/\*\*|`/g, "");
}

/** One trace. The row is a link, so that it opens in a new tab as links do. */
function line(view, trace, slowest, fresh, selected) {
  const href = `#/trace/${trace.id}`;
  const running = trace.duration === null;
  return el("tr", { class: [fresh && "fresh", trace.failed && "failed"].filter(Boolean).join(" ") || undefined, "data-id": trace.id, "data-open": href, "aria-selected": selected ? "true" : undefined,
    click: (event) => { if (!event.target.closest("a, button")) view.go(href); } },
  el("td.what", {},
    el("a.name", { href, title: trace.name.length > 60 ? trace.name : undefined }, el("span.dot", { class: `dot ${trace.failed ? "bad" : running ? "busy" : "good"}`, title: trace.failed ? "failed" : running ? "running" : "fine" }), trace.name || "(no name)"),
    trace.thread_id ? el("a.chip.thread", { href: `#/project/${view.project}/thread/${encodeURIComponent(trace.thread_id)}`, title: "thread" }, trace.thread_id) : null,
    trace.tags.map((tag) => el("span.chip", {}, tag)), trace.more_tags ? el("span.chip", {}, `+${trace.more_tags.toLocaleString()}`) : null,
    Object.entries(trace.scores ?? {}).map(([name, value]) => el("span.chip.score", {}, `${name} ${Number(value.toFixed(3))}`)),
    el("div.preview", {}, unmarked(trace.input), trace.output ? el("span.arrow", {}, " → ") : null, unmarked(trace.output))),
  el("td.when", { title: exact(trace.start), "data-label": "started" }, moment(trace.start)),
  el("td.number", { "data-label": "took" }, running ? "running" : duration(trace.duration),
    el("div.gauge", {}, el("div", { style: { width: `${Math.max(1, 100 * (trace.duration ?? 0) / slowest)}%` } }))),
  el(`td.number${trace.tokens ? "" : ".zero"}`, { "data-label": "tokens" }, count(trace.tokens)),
  el(`td.number${trace.cost ? "" : ".zero"}`, { "data-label": "cost" }, cost(trace.cost)),
  el("td.number", { "data-label": "spans" }, count(trace.spans)));
}
