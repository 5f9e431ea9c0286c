/** Threads: their list, and one as the conversation that it was. */

import { el, isTyping, loading, show } from "./dom.js";
import { cost, count, duration, exact, moment } from "./format.js";
import { scores } from "./opinions.js";
import { get, onChange, send } from "./remote.js";
import { render, words } from "./value.js";

const STEP = 100;
const API = "/v1/private/traces/threads";

/** The threads of a project, the one that changed last first. */
export function threads(view) {
  const body = el("div.cards", {}, loading());
  let size = STEP;
  const load = async () => {
    try {
      const found = await get(API, { project_id: view.project, size });
      show(body, found.content.map((thread) => card(view, thread)), rest(found, "threads", () => { size += STEP; return load(); }));
      if (!found.content.length) show(body, el("p.none", {}, "No trace of this project carries a thread id yet."));
    } catch (error) {
      show(body, el("p.problem", { role: "alert" }, `The threads cannot be shown: ${error.message}`));
    }
  };
  onChange(view.signal, load);
  load();
  return body;
}

/** A button for what a list does not show yet. */
function rest({ total, content }, what, more) {
  if (total <= content.length) return null;
  return el("button.quiet", { type: "button", click: more }, `Show more of ${total.toLocaleString()} ${what}`);
}

function card(view, thread) {
  const href = `#/project/${view.project}/thread/${encodeURIComponent(thread.id)}`;
  return el("a.card", { href, "data-open": href }, el("div.top", {}, el("strong", {}, thread.id), thread.status === "inactive" ? el("span.chip", {}, "closed") : null, el("span.grow"), el("span.hint", { title: exact(thread.last_updated_at) }, moment(thread.last_updated_at))),
    el("p.preview", {}, words(thread.first_message ?? null) ?? JSON.stringify(thread.first_message ?? "")), el("div.hint", {},
      [`${thread.number_of_messages} messages`, duration(thread.duration), thread.usage?.total_tokens ? `${count(thread.usage.total_tokens)} tokens` : null, thread.total_estimated_cost ? cost(thread.total_estimated_cost) : null].filter(Boolean).join(" · ")));
}

/** One thread. Every turn leads to its trace. */
export function thread(view, id) {
  const body = el("div.conversation", {}, loading());
  const state = { id, body, size: STEP };
  const load = async (gently = false) => {
    try {
      await draw(view, state, load, gently);
    } catch (error) {
      show(body, el("p.problem", { role: "alert" }, `This thread cannot be shown: ${error.message}`));
    }
  };
  onChange(view.signal, () => load(true));
  load();
  return body;
}

async function draw(view, state, reload, gently) {
  const { id, body, size } = state;
  const at = { project_id: view.project, thread_id: id };
  const [found, list] = await Promise.all([send("POST", `${API}/retrieve`, at), get("/v1/private/traces", {
    project_id: view.project, size, filters: JSON.stringify([{ field: "thread_id", operator: "=", value: id }]), sorting: JSON.stringify([{ field: "start_time", direction: "ASC" }]),
  })]);
  const closed = found.status === "inactive";
  if (gently && isTyping(body)) return;
  const turn = el("button.quiet", { type: "button", click: () => send("PUT", `${API}/${closed ? "open" : "close"}`, at).then(() => reload()) }, closed ? "Open again" : "Close");
  show(body, el("div.crumbs", {}, el("a", { href: `#/project/${view.project}/threads`, "data-key": "Escape" }, "Threads"), " / ", el("h2.name", {}, id), closed ? el("span.chip", {}, "closed") : null,
    el("span.hint", {}, ` · ${found.number_of_messages} messages · ${duration(found.duration)}`), el("span.grow"), turn),
  list.content.map((trace) => turnOf(trace)), rest(list, "turns", () => { state.size += STEP; return reload(); }), el("section.part", {}, el("header", {}, el("h3", {}, "Feedback on the thread")), scores(found.feedback_scores ?? [], {
    give: (score) => send("PUT", `${API}/feedback-scores`, { scores: [{ ...score, ...at, source: "ui" }] }).then(() => reload()),
    take: (name) => send("POST", `${API}/feedback-scores/delete`, { ...at, names: [name] }).then(() => reload()),
  })));
}

/** A trace as a question and its answer. */
function turnOf(trace) {
  const said = (value, role, who) => value === undefined ? null : el(`div.message.${role}`, {}, el("div.role", {}, who), render(words(value) ?? value));
  const facts = [moment(trace.start_time), trace.duration === undefined ? "running" : duration(trace.duration), trace.usage?.total_tokens ? `${count(trace.usage.total_tokens)} tokens` : null,
    trace.total_estimated_cost ? cost(trace.total_estimated_cost) : null].filter(Boolean).join(" · ");
  return el("div.turn", {}, said(trace.input, "user", "user"), said(trace.output, "assistant", trace.name || "assistant"),
    trace.error_info ? el("div.message.failure", {}, el("strong", {}, trace.error_info.exception_type), " ", trace.error_info.message ?? "") : null,
    el("a.hint", { href: `#/trace/${trace.id}`, title: exact(trace.start_time) }, `${facts} · see the trace`));
}
