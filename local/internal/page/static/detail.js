/** A trace or a span in full. */

import { copy, el } from "./dom.js";
import { cost, count, duration, exact, isPartial, size } from "./format.js";
import { opinions } from "./opinions.js";
import { section, tree } from "./value.js";
import { kind as kindClass } from "./waterfall.js";

const TAGS = 60;

/**
 * @param {Object} view
 * @param {"trace"|"span"} kind
 * @param {Object} entry as Opik's API has it
 * @param {Array} files
 * @param {() => void} reload called when a score or a comment changed
 */
export function detail(view, kind, entry, files, reload) {
  const type = kind === "trace" ? "trace" : entry.type ?? "general";
  const link = el("button.quiet", { type: "button", click: () => copy(link, location.href) }, "Copy link");
  const json = el("button.quiet", { type: "button", click: () => copy(json, JSON.stringify(entry, null, 2)) }, "Copy as JSON");
  return [
    el("header.entry", {}, el(`span.badge.${kindClass(type)}`, {}, type), el("h2", { title: entry.name }, entry.name || "(no name)"), el("span.acts", {}, link, json)),
    isPartial(entry.start_time) ? el("p.note", {}, "This row is partial: an update came before its create. Opik keeps such a row until a single create completes it.") : null,
    facts(view, kind, entry), failure(entry.error_info),
    section("Input", entry.input), section("Output", entry.output),
    attachments(files), usage(entry.usage), folded("Metadata", entry.metadata),
    opinions(kind, entry, reload), el("p.id", {}, `${kind} ${entry.id}`),
  ];
}

function facts(view, kind, entry) {
  const thread = entry.thread_id && el("a", { href: `#/project/${entry.project_id}/thread/${encodeURIComponent(entry.thread_id)}` }, entry.thread_id);
  const pairs = [
    ["Duration", entry.duration === undefined ? "running" : duration(entry.duration)], ["Started", el("span", { title: exact(entry.start_time) }, isPartial(entry.start_time) ? "–" : new Date(entry.start_time).toLocaleString())],
    ["First token", entry.ttft && duration(entry.ttft)], ["Model", entry.model], ["Provider", entry.provider ?? entry.providers?.join(", ")],
    ["Tokens", tokens(entry.usage)], ["Cost", entry.total_estimated_cost ? cost(entry.total_estimated_cost) : null],
    ["Spans", kind === "trace" ? String(entry.span_count) : null], ["Thread", thread], ["Environment", entry.environment],
  ].filter(([, value]) => value);
  const tags = entry.tags ?? [];
  return el("div.facts", {}, pairs.map(([label, value]) => el("div.fact", {}, el("span.label", {}, label), el("span", {}, value))),
    tags.length ? el("div.tags", {}, tags.slice(0, TAGS).map((tag) => el("span.chip", {}, tag)), tags.length > TAGS ? el("span.chip", {}, `+${(tags.length - TAGS).toLocaleString()}`) : null) : null);
}

function tokens(usage) {
  if (!usage) return null;
  const { prompt_tokens: input = 0, completion_tokens: output = 0, total_tokens: total = input + output } = usage;
  return input || output ? `${count(input)} in, ${count(output)} out` : count(total);
}

/** An error with its stack. */
function failure(error) {
  if (!error) return null;
  const trace = error.traceback && error.traceback !== error.message ? el("details", { open: error.traceback.length < 4000 }, el("summary", {}, "Stack"), el("pre", {}, error.traceback)) : null;
  return el("section.failure", {}, el("strong", {}, error.exception_type), error.message ? el("p", {}, error.message) : null, trace);
}

function attachments(files) {
  if (!files.length) return null;
  return el("section.part", {}, el("header", {}, el("h3", {}, "Attachments")), el("div.files", {}, files.map((file) => {
    const { pathname, search } = new URL(file.link);
    const picture = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/.test(file.mime_type);
    return el("a.file", { href: pathname + search, download: file.file_name }, picture ? el("img.picture", { src: pathname + search, alt: "", loading: "lazy", error: ({ target }) => target.remove() }) : null,
      el("span", {}, file.file_name), el("span.hint", {}, `${file.mime_type}, ${size(file.file_size)}`));
  })));
}

function usage(counts) {
  const names = Object.keys(counts ?? {}).sort();
  if (!names.length) return null;
  return el("details.part.fold-part", {}, el("summary", {}, "Usage"), el("table.counts", {}, el("tbody", {}, names.map((name) => el("tr", {}, el("th", {}, name), el("td.number", {}, counts[name].toLocaleString()))))));
}

function folded(title, value) {
  if (value === undefined) return null;
  return el("details.part.fold-part", {}, el("summary", {}, title), tree(value));
}
