/** The part of Markdown that models write, as elements. Unknown marks stay text; a link leads only to the web. */

import { el } from "./dom.js";

const FENCE = /^\s*(```|~~~)\s*([\w+-]*)/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?(.*)$/;
const INLINE = /(`+)(.+?)\1|\*\*(.+?)\*\*|__(.+?)__|\*(\S(?:.*?\S)?)\*|\[([^\]]+)\]\(([^)\s]+)\)|(https?:\/\/[^\s<>)"']*[^\s<>)"'.,;:!?])/;
const MAX_LINES = 2000;

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
export function markdown(text) {
  const lines = text.split("\n");
  const block = el("div.markdown");
  let at = 0;
  while (at < lines.length && at < MAX_LINES) at = readBlock(block, lines, at);
  if (at < lines.length) block.append(el("pre", {}, lines.slice(at).join("\n")));
  return block;
}

/** Appends the block that begins at a line and returns the line behind it. */
function readBlock(parent, lines, at) {
  const line = lines[at];
  if (!line.trim()) return at + 1;
  if (FENCE.test(line)) return readFence(parent, lines, at);
  const heading = HEADING.exec(line);
  if (heading) {
    parent.append(el(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])));
    return at + 1;
  }
  if (ITEM.test(line)) return readList(parent, lines, at);
  if (QUOTE.test(line)) {
    const end = endOf(lines, at, (next) => QUOTE.test(next));
    parent.append(el("blockquote", {}, markdown(lines.slice(at, end).map((next) => QUOTE.exec(next)[1]).join("\n"))));
    return end;
  }
  const end = Math.max(at + 1, endOf(lines, at, (next) => next.trim() && !FENCE.test(next) && !HEADING.test(next) && !ITEM.test(next) && !QUOTE.test(next)));
  parent.append(el("p", {}, lines.slice(at, end).map((next, i) => [i ? el("br") : null, inline(next)])));
  return end;
}

function endOf(lines, at, belongs) {
  let end = at;
  while (end < lines.length && belongs(lines[end])) end++;
  return end;
}

function readFence(parent, lines, at) {
  const [, mark, language] = FENCE.exec(lines[at]);
  const end = endOf(lines, at + 1, (next) => !next.trim().startsWith(mark));
  parent.append(el("pre", { "data-language": language || undefined }, el("code", {}, lines.slice(at + 1, end).join("\n"))));
  return end + 1;
}

function readList(parent, lines, at) {
  const end = endOf(lines, at, (next) => ITEM.test(next) || /^\s{2,}\S/.test(next));
  const ordered = /\d/.test(ITEM.exec(lines[at])[2]);
  const list = el(ordered ? "ol" : "ul", { dir: "auto" });
  for (const line of lines.slice(at, end)) {
    const item = ITEM.exec(line);
    if (item) list.append(el("li", { style: { "margin-inline-start": `${Math.min(4, item[1].length / 2)}em` } }, inline(item[3])));
    else list.lastElementChild.append(" ", ...inline(line.trim()));
  }
  parent.append(list);
  return end;
}

/** Reads the marks within a line. */
function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(mark(found));
    rest = rest.slice(found.index + found[0].length);
  }
  nodes.push(rest);
  return nodes;
}

function mark([whole, , code, strong, strongToo, emphasis, label, target, bare]) {
  if (code) return el("code", {}, code);
  if (strong || strongToo) return el("strong", {}, strong || strongToo);
  if (emphasis) return el("em", {}, emphasis);
  const href = target ?? bare;
  if (!/^https?:\/\//.test(href)) return whole;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label ?? bare);
}
