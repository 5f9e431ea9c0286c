/** Inputs and outputs, rendered for reading: conversations, text, images, and JSON that folds. */

import { conversationOf } from "./conversation.js";
import { copy, el, show } from "./dom.js";
import { markdown } from "./markdown.js";

const IMAGE = /^data:image\/(png|jpe?g|gif|webp|avif);base64,/;
const RAW_IMAGE = { iVBORw0KGgo: "png", "/9j/": "jpeg", R0lGOD: "gif", UklGR: "webp" };
const LONG = 6000;
const STEP = 100;
const NESTED = 2; // levels of named values, of which each is narrower than the one before
const TALK = { most: 100, first: 10, last: 60 }; // messages that are drawn at once

/**
 * A titled value with a switch between the reader's and the raw form.
 * @param {string} title
 * @param {any} value
 */
export function section(title, value) {
  if (value === undefined) return null;
  const body = el("div.value", {}, render(value));
  const raw = el("button.quiet", { type: "button", "aria-pressed": "false", click: () => {
    const on = raw.getAttribute("aria-pressed") === "false";
    raw.setAttribute("aria-pressed", String(on));
    show(body, on ? el("pre.raw", {}, JSON.stringify(value, null, 2)) : render(value));
  } }, "JSON");
  const take = el("button.quiet", { type: "button", click: () => copy(take, typeof value === "string" ? value : JSON.stringify(value, null, 2)) }, "Copy");
  return el("section.part", {}, el("header", {}, el("h3", {}, title), el("span.grow"), raw, take), body);
}

/** @returns {HTMLElement} a value as a person would like to see it */
export function render(value, depth = 0) {
  const talk = conversation(value);
  if (talk) return talk;
  if (typeof value === "string") return text(value, depth);
  if (value === null || typeof value !== "object") return el("span.scalar", {}, String(value));
  if (Array.isArray(value)) return tree(value, depth);
  const keys = Object.keys(value);
  if (keys.length === 1 && typeof value[keys[0]] === "string") return el("div", {}, el("div.key", {}, keys[0]), text(value[keys[0]], depth));
  if (keys.length && keys.length <= 12 && depth < NESTED) return fields(value, keys, depth);
  return tree(value, depth);
}

/** A small object as a list of named values. */
function fields(value, keys, depth = 0) {
  return el("dl.fields", {}, keys.map((key) => [el("dt", {}, key), el("dd", {}, render(value[key], depth + 1))]));
}

/** @param {string} value */
function text(value, depth = 0) {
  const picture = image(value);
  if (picture) return picture;
  const parsed = embedded(value);
  if (parsed !== undefined) return render(parsed, depth);
  if (value.length <= LONG) return markdown(value);
  const box = el("div");
  return show(box, markdown(value.slice(0, LONG)), el("button.quiet", { type: "button", click: () => show(box, el("pre.raw", {}, value)) },
    `Show all ${value.length.toLocaleString()} characters`));
}

/** @returns {any} the JSON that a text holds, or undefined */
function embedded(value) {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** @returns {HTMLElement|null} an image that stands in the data */
function image(value) {
  let source = IMAGE.test(value) ? value : null;
  const start = Object.keys(RAW_IMAGE).find((prefix) => value.length > 200 && value.startsWith(prefix));
  if (start && !/\s/.test(value.slice(0, 200))) source = `data:image/${RAW_IMAGE[start]};base64,${value}`;
  return source && el("img.picture", { src: source, alt: "image in the data", loading: "lazy", error: ({ target }) => target.replaceWith(el("span.hint", {}, "an image that cannot be shown")) });
}

/** A conversation, and what stands beside it. */
function conversation(value) {
  const found = conversationOf(value);
  return found && el("div.talk", {}, shortened(found.messages), beside(found.rest));
}

/** The messages, of many only how they began and how they ended. */
function shortened(messages) {
  if (messages.length <= TALK.most) return messages.map(message);
  const between = messages.slice(TALK.first, -TALK.last);
  const more = el("button.quiet", { type: "button", click: () => more.replaceWith(...between.map(message)) }, `Show ${between.length.toLocaleString()} more messages`);
  return [messages.slice(0, TALK.first).map(message), more, messages.slice(-TALK.last).map(message)];
}

/** Settings are read at once, anything larger is opened. */
function beside(rest) {
  const names = Object.keys(rest);
  if (!names.length) return null;
  if (names.every((name) => typeof rest[name] !== "object")) return el("div.rest", {}, fields(rest, names));
  return el("details.rest.fold-part", {}, el("summary", {}, names.slice(0, 6).join(", ")), tree(rest));
}

/** One message of a conversation. */
function message({ role, kind, name, content: said, calls }) {
  return el(`div.message.${kind}`, {}, el("div.role", {}, name ? `${role} · ${name}` : role), content(said), calls.map(call));
}

/** The content of a message: text, or parts of several kinds. */
function content(value) {
  if (value === null || value === undefined || value === "") return null;
  if (!Array.isArray(value)) return render(value);
  return value.map((part) => {
    if (typeof part === "string") return text(part);
    const said = part?.text ?? part?.thinking ?? part?.content;
    if (typeof said === "string") return text(said);
    const address = part?.image_url?.url ?? part?.image_url ?? part?.source?.data ?? part?.inlineData?.data ?? part?.data;
    const picture = typeof address === "string" ? image(address) : null;
    if (picture) return picture;
    if (["tool_use", "tool_call"].includes(part?.type) || part?.functionCall) return call(part.functionCall ?? part);
    if (Array.isArray(part?.content)) return content(part.content);
    return tree(part);
  });
}

/** A call of a tool. */
function call(item) {
  const named = item?.function ?? item ?? {};
  const told = named.arguments ?? named.args ?? named.input;
  const given = typeof told === "string" ? embedded(told) ?? told : told;
  return el("div.call", {}, el("code", {}, `${named.name ?? "tool"}()`), given === undefined ? null : render(given));
}

/**
 * JSON that folds. Children are made when they are opened, so that a large document costs nothing.
 * @param {any} value
 * @param {number} [depth] how much of what stands around it is open already
 */
export function tree(value, depth = 0) {
  return el("div.json", {}, node("", value, depth));
}

function node(key, value, depth) {
  const label = key === "" ? null : el("span.key", {}, `${key}: `);
  if (value === null || typeof value !== "object") return el("div.leaf", {}, label, leaf(value));
  const entries = Array.isArray(value) ? value.map((item, i) => [String(i), item]) : Object.entries(value);
  const summary = el("summary", {}, label, el("span.hint", {}, Array.isArray(value) ? `[${entries.length}]` : hint(entries)));
  const details = el("details", { toggle: () => { if (details.open && details.childElementCount === 1) grow(details, entries, 0, depth); } }, summary);
  if (depth < 2 && entries.length <= 30) {
    grow(details, entries, 0, depth);
    details.open = true;
  }
  return details;
}

function hint(entries) {
  const names = entries.slice(0, 4).map(([name]) => name).join(", ").slice(0, 80);
  return `{${names}${entries.length > 4 ? ", …" : ""}}`;
}

/** Appends some of the children, and a button for the next ones. */
function grow(details, entries, from, depth) {
  for (const [key, value] of entries.slice(from, from + STEP)) details.append(node(key, value, depth + 1));
  if (entries.length <= from + STEP) return;
  const more = el("button.quiet", { type: "button", click: () => { more.remove(); grow(details, entries, from + STEP, depth); } },
    `${entries.length - from - STEP} more`);
  details.append(more);
}

function leaf(value) {
  if (typeof value !== "string") return el("span.scalar", {}, String(value));
  return image(value) ?? el("span.string", {}, value.length > LONG ? `${value.slice(0, LONG)}…` : value);
}

const SAID = ["text", "content", "message", "question", "answer", "reply", "response", "output", "input", "query", "prompt", "result", "completion"];

/**
 * The words in a value, for a thread that reads as a conversation.
 * @returns {string|null}
 */
export function words(value) {
  if (typeof value === "string") return value;
  if (value === null || typeof value !== "object") return null;
  const found = conversationOf(value);
  if (found) {
    const last = found.messages.at(-1);
    return typeof last.content === "string" ? last.content : words(last.content?.at?.(-1) ?? null);
  }
  for (const key of SAID) {
    const inner = value[key] === undefined ? null : words(value[key]);
    if (inner !== null) return inner;
  }
  const keys = Object.keys(value);
  return keys.length === 1 ? words(value[keys[0]]) : null;
}
