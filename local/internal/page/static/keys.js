/** The keyboard. Whatever carries data-key is pressed by that key; rows with data-open are walked with j and k. */

import { el } from "./dom.js";

const HELP = [["/", "search"], ["j, k or ↓, ↑", "next and previous"], ["Enter", "open"], ["→, ←", "unfold and fold a span"], ["Esc", "back"], ["t", "light or dark"], ["?", "this list"]];

/** @param {HTMLElement} main where rows are */
export function listenToKeys(main) {
  const help = el("dialog.help", { "aria-label": "Keys", click: () => help.close() }, el("h2", {}, "Keys"), el("dl", {}, HELP.map(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])));
  document.body.append(help);
  document.querySelector("[data-key='?']").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (press(event) || walk(main, event)) event.preventDefault();
  });
}

/** Presses what a key belongs to. */
function press(event) {
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return false;
  target.matches("input") ? target.focus() : target.click();
  return true;
}

/** Moves the selection among rows, or opens it. */
function walk(main, event) {
  const rows = [...main.querySelectorAll("[data-open]")];
  const at = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" && at >= 0) {
    location.hash = rows[at].dataset.open;
    return true;
  }
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!step || !rows.length) return false;
  rows[at]?.removeAttribute("aria-selected");
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  return true;
}
