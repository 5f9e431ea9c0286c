/** A trace as a tree beside a waterfall. Only the rows in sight exist, so that thousands of spans scroll as fast as ten. */

import { el, show } from "./dom.js";
import { count, duration, isPartial, millis } from "./format.js";

const ROW = 32;
const MARGIN = 12;

/**
 * Orders spans as a tree. A span whose parent is not there stands at the top; one that is its own ancestor does, too.
 * @param {Array} spans in the order in which they began
 * @returns {Array<{span: Object, depth: number, children: number, end: number}>} end is the index behind the descendants
 */
export function arrange(spans) {
  const byID = new Map(spans.map((span) => [span.id, span]));
  const children = new Map();
  const tops = [];
  for (const span of spans) {
    if (!span.parent || !byID.has(span.parent) || inCircle(span, byID)) tops.push(span);
    else if (children.has(span.parent)) children.get(span.parent).push(span);
    else children.set(span.parent, [span]);
  }
  const rows = [];
  const stack = tops.map((span) => ({ span, depth: 0 })).reverse();
  while (stack.length) {
    const { span, depth } = stack.pop();
    const below = children.get(span.id) ?? [];
    rows.push({ span, depth, children: below.length, end: 0 });
    for (let i = below.length - 1; i >= 0; i--) stack.push({ span: below[i], depth: depth + 1 });
  }
  for (let i = rows.length - 1; i >= 0; i--) {
    let end = i + 1;
    while (end < rows.length && rows[end].depth > rows[i].depth) end = rows[end].end;
    rows[i].end = end;
  }
  return rows;
}

function inCircle(span, byID) {
  const seen = new Set([span.id]);
  for (let at = byID.get(span.parent); at; at = byID.get(at.parent)) {
    if (at.id === span.id) return true;
    if (seen.has(at.id)) return false;
    seen.add(at.id);
  }
  return false;
}

/** The tree of one trace. select is called with a span's id, or null for the trace itself. */
export class Waterfall {
  constructor(select) {
    this.select = select;
    this.folded = new Set();
    this.selected = null;
    this.rows = [];
    this.space = el("div.space");
    this.scroller = el("div.waterfall", { role: "tree", tabindex: "0", "aria-label": "Spans", scroll: () => this.draw(), keydown: (event) => this.key(event) }, this.space);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.scroller);
  }

  /** Shows a trace and its spans, in place of what was there. */
  update(trace, spans) {
    this.trace = trace;
    this.all = arrange(spans);
    const times = [trace, ...spans].filter((one) => !isPartial(one.start ?? one.start_time));
    this.from = Math.min(...times.map((one) => millis(one.start ?? one.start_time)));
    const ends = times.map((one) => one.end ?? one.end_time).filter(Boolean).map(millis);
    this.width = Math.max((ends.length ? Math.max(...ends) : Date.now()) - this.from, 0.001);
    this.fold();
  }

  /** Leaves out what lies below folded rows. */
  fold() {
    this.rows = [{ span: null, depth: 0, children: this.all.length }];
    for (let i = 0; i < this.all.length; i++) {
      const row = this.all[i];
      this.rows.push(row);
      if (this.folded.has(row.span.id)) i = row.end - 1;
    }
    this.space.style.setProperty("height", `${this.rows.length * ROW}px`);
    this.draw();
  }

  draw() {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - MARGIN);
    const last = Math.min(this.rows.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + MARGIN);
    show(this.space, this.rows.slice(first, last).map((row, i) => this.line(row, first + i)));
    this.scroller.setAttribute("aria-activedescendant", nameOf(this.selected));
  }

  line(row, index) {
    const { span, depth, children } = row;
    const entry = span ?? { id: null, name: this.trace.name, type: "trace", start: this.trace.start_time, end: this.trace.end_time, failed: Boolean(this.trace.error_info) };
    const folded = span && this.folded.has(span.id);
    const toggle = span && children ? el("button.fold", { type: "button", tabindex: "-1", "aria-label": folded ? "unfold" : "fold", click: (event) => { event.stopPropagation(); this.toggle(span.id); } }, folded ? "▸" : "▾") : el("span.fold");
    const took = entry.end && !isPartial(entry.start) ? millis(entry.end) - millis(entry.start) : null;
    return el("div.row", { role: "treeitem", id: nameOf(entry.id), "aria-level": depth + 1, "aria-selected": String(this.selected === entry.id), "aria-expanded": span && children ? String(!folded) : undefined,
      "data-id": entry.id ?? "trace", style: { top: `${index * ROW}px` }, click: () => this.choose(entry.id) },
    el("div.label", { style: { "padding-left": `min(${(span ? depth + 1 : 0) * 16}px, 60%)` } }, toggle, el(`span.kind.${kind(entry.type)}`, { title: entry.type }), el("span.title", {}, entry.name || "(no name)"),
      entry.failed ? el("span.cross", { title: "failed" }, "✗") : null, entry.model ? el("span.model", {}, entry.model) : null),
    el("div.facts", {}, entry.tokens ? `${count(entry.tokens)} tok` : "", el("span", {}, took === null ? "…" : duration(took))),
    this.bar(entry));
  }

  bar(entry) {
    if (isPartial(entry.start)) return el("div.lane", {}, el("span.hint", {}, "partial"));
    const left = 100 * (millis(entry.start) - this.from) / this.width;
    const end = entry.end ? millis(entry.end) : this.from + this.width;
    const width = Math.max(0.4, 100 * (end - millis(entry.start)) / this.width);
    return el("div.lane", {}, el(`div.bar.${kind(entry.type)}`, { class: `bar ${kind(entry.type)}${entry.failed ? " failed" : ""}${entry.end ? "" : " running"}`,
      style: { left: `${Math.min(99.6, left)}%`, width: `${Math.min(width, 100 - Math.min(99.6, left))}%` } }));
  }

  toggle(id) {
    if (!this.folded.delete(id)) this.folded.add(id);
    this.fold();
  }

  choose(id) {
    this.selected = id;
    this.draw();
    this.select(id);
  }

  /** Brings the selected row into sight. */
  reveal() {
    const index = this.rows.findIndex(({ span }) => (span?.id ?? null) === this.selected);
    const top = index * ROW;
    if (top < this.scroller.scrollTop || top + ROW > this.scroller.scrollTop + this.scroller.clientHeight) {
      this.scroller.scrollTop = Math.max(0, top - this.scroller.clientHeight / 2);
    }
    this.draw();
  }

  key(event) {
    const index = this.rows.findIndex(({ span }) => (span?.id ?? null) === this.selected);
    const row = this.rows[index];
    const id = row?.span?.id;
    const moves = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -index, End: this.rows.length - 1 - index };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) this.move(index + moves[event.key]);
    else if (event.key === "ArrowLeft" && id && row.children && !this.folded.has(id)) this.toggle(id);
    else if (event.key === "ArrowLeft" && id) this.move(this.rows.findLastIndex((other, i) => i < index && (!other.span || other.depth < row.depth)));
    else if (event.key === "ArrowRight" && id && this.folded.has(id)) this.toggle(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(index) {
    const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, index))];
    this.choose(row.span?.id ?? null);
    this.reveal();
  }
}

/** The id of a row in the page. */
function nameOf(id) {
  return `row-${id ?? "trace"}`;
}

/** The class of a type that is known. */
export function kind(type) {
  return ["llm", "tool", "guardrail", "general", "trace"].includes(type) ? type : "general";
}
