/** Feedback scores and comments, which can be given here. */

import { el } from "./dom.js";
import { moment } from "./format.js";
import { send } from "./remote.js";

/**
 * @param {"trace"|"span"} kind
 * @param {Object} entry
 * @param {() => void} reload
 */
export function opinions(kind, entry, reload) {
  const base = `/v1/private/${kind}s`;
  return el("section.part", {}, el("header", {}, el("h3", {}, "Feedback")), scores(entry.feedback_scores ?? [], {
    give: (score) => send("PUT", `${base}/${entry.id}/feedback-scores`, { ...score, source: "ui" }).then(reload),
    take: (name) => send("POST", `${base}/${entry.id}/feedback-scores/delete`, { name }).then(reload),
  }), comments(entry.comments ?? [], {
    add: (text) => send("POST", `${base}/${entry.id}/comments`, { text }).then(reload),
    remove: (id) => send("POST", `${base}/comments/delete`, { ids: [id] }).then(reload),
  }));
}

/** The scores that are there, and a form for one more. */
export function scores(given, { give, take }) {
  const problem = el("span.problem", { role: "alert" });
  const name = el("input", { name: "name", "aria-label": "Name of the score", placeholder: "score, as in correct", required: true, list: "score-names", size: 16 });
  const value = el("input", { name: "value", "aria-label": "Value", placeholder: "value", type: "number", step: "any", required: true, size: 6 });
  const reason = el("input", { name: "reason", "aria-label": "Reason", placeholder: "why (optional)", size: 22 });
  const run = (work) => work.catch((error) => { problem.textContent = error.message; });
  const form = el("form.give", { submit: (event) => {
    event.preventDefault();
    run(give({ name: name.value.trim(), value: Number(value.value), ...(reason.value.trim() ? { reason: reason.value.trim() } : {}) }));
  } }, name, value, reason, el("button", { type: "submit" }, "Give score"), problem);
  return el("div.scores", {}, given.map((score) => el("div.given", {}, el("span.chip.score", {}, score.name), el("strong", {}, String(Number(score.value.toFixed(4)))),
    score.reason ? el("span", {}, score.reason) : null, el("span.hint", {}, `${score.source} · ${moment(score.last_updated_at)}`),
    el("button.quiet", { type: "button", "aria-label": `Remove ${score.name}`, click: () => run(take(score.name)) }, "×"))), form);
}

function comments(said, { add, remove }) {
  const text = el("input", { "aria-label": "Comment", placeholder: "Comment …", required: true });
  return el("div.comments", {}, said.map((comment) => el("div.given", {}, el("span.said", {}, comment.text), el("span.hint", {}, moment(comment.created_at)),
    el("button.quiet", { type: "button", "aria-label": "Remove comment", click: () => remove(comment.id) }, "×"))),
  el("form.give", { submit: (event) => { event.preventDefault(); add(text.value); } }, text, el("button", { type: "submit" }, "Comment")));
}
