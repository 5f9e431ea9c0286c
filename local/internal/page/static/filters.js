/** Filters of the list of traces, as chips that say what they ask. */

import { el, show } from "./dom.js";

const TEXT = ["contains", "not_contains", "=", "starts_with"];
const NUMBER = [">", ">=", "<", "<=", "="];
const FIELDS = [
  { field: "name", label: "name", operators: TEXT }, { field: "tags", label: "tag", operators: ["contains", "not_contains", "="] },
  { field: "thread_id", label: "thread", operators: TEXT }, { field: "duration", label: "duration (ms)", operators: NUMBER },
  { field: "usage.total_tokens", label: "tokens", operators: NUMBER }, { field: "total_estimated_cost", label: "cost ($)", operators: NUMBER },
  { field: "feedback_scores", label: "score", operators: NUMBER, key: "name of the score" },
  { field: "metadata", label: "metadata", operators: TEXT, key: "key, as a.b" },
  { field: "input", label: "input", operators: TEXT }, { field: "output", label: "output", operators: TEXT },
];
const WORDS = { contains: "contains", not_contains: "does not contain", starts_with: "starts with", is_not_empty: "" };

/** Reads the filters in the address. */
function read(view) {
  try {
    return JSON.parse(view.params.get("filters") || "[]");
  } catch {
    return [];
  }
}

/**
 * @param {Object} view
 * @param {() => void} reload called after a change
 */
export function filterBar(view, reload) {
  const bar = el("div.filters");
  const store = (filters) => {
    view.change({ filters: filters.length ? JSON.stringify(filters) : "", page: "" });
    draw();
    reload();
  };
  const draw = () => {
    const filters = read(view);
    const failed = filters.some((filter) => filter.field === "error_info");
    show(bar,
      el("button.chip.toggle", { type: "button", "aria-pressed": String(failed), click: () => store(failed
        ? filters.filter((filter) => filter.field !== "error_info") : [...filters, { field: "error_info", operator: "is_not_empty" }]) }, "Errors"),
      filters.filter((filter) => filter.field !== "error_info").map((filter) => el("button.chip.toggle", { type: "button", "aria-pressed": "true", title: "remove this filter",
        click: () => store(filters.filter((other) => other !== filter)) }, `${describe(filter)} ×`)),
      adder((filter) => store([...filters, filter])));
  };
  draw();
  return bar;
}

function describe({ field, key, operator, value }) {
  const label = FIELDS.find((known) => known.field === field)?.label ?? field;
  return [label, key, WORDS[operator] ?? operator, value].filter(Boolean).join(" ");
}

/** The form that makes a filter. */
function adder(add) {
  const field = el("select", { "aria-label": "Field" }, FIELDS.map(({ label }, i) => el("option", { value: i }, label)));
  const key = el("input", { "aria-label": "Key", size: 12 });
  const operator = el("select", { "aria-label": "Operator" });
  const value = el("input", { "aria-label": "Value", placeholder: "value", size: 14, required: true });
  const choose = () => {
    const chosen = FIELDS[field.value];
    show(operator, chosen.operators.map((name) => el("option", { value: name }, WORDS[name] ?? name)));
    key.hidden = !chosen.key;
    key.placeholder = chosen.key ?? "";
  };
  field.addEventListener("change", choose);
  choose();
  const form = el("form.adder", { submit: (event) => {
    event.preventDefault();
    const chosen = FIELDS[field.value];
    add({ field: chosen.field, operator: operator.value, value: value.value, ...(chosen.key ? { key: key.value } : {}) });
  } }, field, key, operator, value, el("button", { type: "submit" }, "Add"));
  const summary = el("summary.chip.toggle", {}, "+ Filter");
  const pop = el("details.pop", {
    toggle: () => { if (pop.open) field.focus(); },
    focusout: ({ relatedTarget }) => { if (!pop.contains(relatedTarget)) pop.open = false; },
    keydown: (event) => {
      if (event.key !== "Escape" || !pop.open) return;
      event.stopPropagation();
      pop.open = false;
      summary.focus();
    },
  }, summary, form);
  return pop;
}
