/** One trace: its tree and waterfall, and what is selected in full. */

import { el, isTyping, loading, show } from "./dom.js";
import { detail } from "./detail.js";
import { moment } from "./format.js";
import { get, onChange } from "./remote.js";
import { Waterfall } from "./waterfall.js";

/**
 * @param {Object} view
 * @param {string} id
 * @param {string|null} span the one that the address names
 */
export function trace(view, id, span) {
  const pane = el("div.pane", { "aria-live": "off" }, loading());
  const head = el("div.crumbs");
  const state = { view, id, pane, head };
  state.waterfall = new Waterfall((chosen) => {
    view.replace(chosen ? `#/trace/${id}/span/${chosen}` : `#/trace/${id}`);
    open(state, chosen);
  });
  state.waterfall.selected = span;
  view.signal.addEventListener("abort", () => state.waterfall.observer.disconnect());
  onChange(view.signal, (changed) => { if (!changed || changed.includes(id)) load(state); });
  load(state).then(() => { state.waterfall.reveal(); state.waterfall.scroller.focus({ preventScroll: true }); });
  return el("div.trace-view", {}, head, el("div.split", {}, state.waterfall.scroller, pane));
}

/** Reads the trace anew and keeps what is selected and folded. */
async function load(state) {
  try {
    const { trace: found, spans } = await get(`/local/traces/${state.id}`);
    state.trace = found;
    document.title = `${found.name || "trace"} · opik-local`;
    state.view.enter(found.project_id);
    show(state.head, el("a", { href: `#/project/${found.project_id}/traces`, "data-key": "Escape" }, found.project_name), " / ", el("h1.name", {}, found.name || "(no name)"),
      el("span.hint", {}, ` · ${moment(found.start_time)} · ${spans.length} ${spans.length === 1 ? "span" : "spans"}`));
    state.waterfall.update(found, spans);
    const outline = spans.find((one) => one.id === state.waterfall.selected);
    const version = JSON.stringify(outline ?? found);
    if (state.version !== version && await refresh(state)) state.version = version;
  } catch (error) {
    if (!state.trace) show(state.head, el("a", { href: "#/", "data-key": "Escape" }, "Back to all traces"));
    show(state.pane, el("p.problem", { role: "alert" }, `This trace cannot be shown: ${error.message}`));
  }
}

/**
 * Shows the trace or one of its spans in full.
 * @param {Object} state
 * @param {string|null} span
 */
function open(state, span) {
  return state.opening = fill(state, span, false);
}

/** Shows anew what is selected, after what the user asked for, and not while somebody types there. */
async function refresh(state) {
  await state.opening;
  return fill(state, state.waterfall.selected, true);
}

/** @returns {Promise<boolean>} whether the pane shows it, which it does not where something else was asked for since */
async function fill(state, span, gently) {
  const asked = state.asked = Symbol("open");
  try {
    const entry = span ? await get(`/v1/private/spans/${span}`) : state.trace;
    if (state.asked !== asked || !entry) return false;
    const kind = span ? "span" : "trace";
    const files = await get("/v1/private/attachment/list", { entity_type: kind, entity_id: entry.id, project_id: entry.project_id });
    if (state.asked !== asked || (gently && isTyping(state.pane))) return false;
    show(state.pane, detail(state.view, kind, entry, files.content, async () => {
      if (!span) state.trace = await get(`/v1/private/traces/${state.id}`);
      return open(state, span);
    }));
    return true;
  } catch (error) {
    show(state.pane, el("p.problem", { role: "alert" }, error.message));
    return false;
  }
}
