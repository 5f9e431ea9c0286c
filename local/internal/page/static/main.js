/** The frame of the page: projects, tabs, addresses, keys, light and dark. */

import { charts } from "./charts.js";
import { copy, el, show } from "./dom.js";
import { moment } from "./format.js";
import { listenToKeys } from "./keys.js";
import { follow, get, onChange } from "./remote.js";
import { thread, threads } from "./threads.js";
import { trace } from "./trace.js";
import { traces } from "./traces.js";

const TABS = { traces: ["Traces", traces], threads: ["Threads", threads], charts: ["Charts", charts] };
const THEMES = { "": "System", light: "Light", dark: "Dark" };

const state = { projects: [], project: null, leave: new AbortController() };
const nav = el("nav.projects", { "aria-label": "Projects" });
const main = el("main", { id: "main" });
const live = el("span.live", { role: "status", title: "waiting for the server" }, "connecting");

/** What a view needs to know and may do. */
function viewOf(path, params) {
  const address = () => `#${path}${params.size ? "?" + params : ""}`;
  return {
    project: state.project, params, signal: state.leave.signal,
    go: (href) => { location.hash = href; },
    replace: (href) => history.replaceState(null, "", href),
    /** Changes what stands behind the question mark. An empty value leaves. */
    change(values) {
      for (const [key, value] of Object.entries(values)) value ? params.set(key, value) : params.delete(key);
      history.replaceState(null, "", address());
    },
    /** Marks the project that something belongs to. */
    enter(project) { state.project = project; drawProjects(); },
  };
}

/** Shows what the address names. */
function route() {
  state.leave.abort();
  state.leave = new AbortController();
  const [path, query = ""] = location.hash.slice(1).split("?");
  const [, area, id, part, more] = path.split("/").map(decoded);
  document.title = "opik-local";
  if (area === "trace") return show(main, trace(viewOf(path, new URLSearchParams()), id, part === "span" ? more : null));
  if (area === "project") state.project = id;
  else state.project = state.projects[0]?.id ?? null;
  drawProjects();
  if (!state.project) return show(main, welcome());
  const here = part || "traces";
  const view = viewOf(`/project/${state.project}/${part === "thread" ? `thread/${encodeURIComponent(more)}` : here}`, new URLSearchParams(query));
  const [, draw] = TABS[here] ?? TABS.traces;
  const tab = part === "thread" ? "threads" : here;
  return show(main, tabs(tab), heading(TABS[tab]?.[0] ?? TABS.traces[0]), part === "thread" ? thread(view, more) : draw(view));
}

/** A part of the address, which may be mistyped. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Titles the document, and the view for those who do not see it. */
function heading(label) {
  const name = state.projects.find((project) => project.id === state.project)?.name;
  document.title = [label, name, "opik-local"].filter(Boolean).join(" · ");
  return el("h1.unseen", {}, `${label}${name ? ` of ${name}` : ""}`);
}

function tabs(current) {
  return el("nav.tabs", { "aria-label": "Views" }, Object.entries(TABS).map(([key, [label]]) => el("a", { href: `#/project/${state.project}/${key}`, "aria-current": key === current ? "page" : undefined }, label)));
}

function drawProjects() {
  show(nav, state.projects.map((project) => el("a", { href: `#/project/${project.id}/traces`, "aria-current": project.id === state.project ? "true" : undefined, title: project.name },
    el("span.title", {}, project.name), project.last_updated_trace_at ? el("span.hint", {}, moment(project.last_updated_trace_at)) : null)));
  const current = nav.querySelector("[aria-current]");
  if (current) reveal(nav, current);
}

/** Scrolls a box to what it holds. scrollIntoView would make the Tab key go on from there. */
function reveal(box, child) {
  const [outer, inner] = [box.getBoundingClientRect(), child.getBoundingClientRect()];
  if (inner.left < outer.left || inner.right > outer.right) box.scrollLeft += inner.left - outer.left;
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top;
}

async function loadProjects() {
  const first = state.projects.length === 0;
  state.projects = (await get("/v1/private/projects", { size: 500 })).content;
  drawProjects();
  if (first && state.projects.length && !state.project) route();
}

/** What to do when nothing is there yet. */
function welcome() {
  const line = `export OPIK_URL_OVERRIDE=${location.origin}/api`;
  const take = el("button", { type: "button", click: () => copy(take, line) }, "Copy");
  return el("section.welcome", {}, el("h1", {}, "Waiting for the first trace"), el("p", {}, "Run a program that is traced by any Opik SDK, in Go, Python or TypeScript, with"),
    el("div.line", {}, el("code", {}, line), take), el("p", {}, "and it appears here as it runs. Everything stays on this machine."));
}

function themeButton() {
  const root = document.documentElement;
  const apply = (theme) => { theme ? root.setAttribute("data-theme", theme) : root.removeAttribute("data-theme"); button.textContent = THEMES[theme]; };
  const button = el("button.quiet", { type: "button", title: "light or dark", "data-key": "t", click: () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(localStorage.getItem("theme") ?? "") + 1) % names.length];
    localStorage.setItem("theme", next);
    apply(next);
  } });
  apply(localStorage.getItem("theme") in THEMES ? localStorage.getItem("theme") : "");
  return button;
}

show(document.getElementById("app"), el("a.skip", { href: "#main", click: (event) => { event.preventDefault(); main.querySelector("a, button, input")?.focus(); } }, "Skip to content"),
  el("aside", {}, el("a.brand", { href: "#/" }, el("img", { src: "/icon.svg", alt: "", width: 22, height: 22 }), "opik-local"), nav, el("div.bottom", {}, live, el("span.grow"), themeButton(), el("button.quiet", { type: "button", "data-key": "?", title: "keys" }, "?"))), main);

addEventListener("hashchange", route);
listenToKeys(main);
follow((connected) => {
  live.textContent = connected ? "live" : "disconnected";
  live.classList.toggle("on", connected);
});
let pending;
onChange(new AbortController().signal, () => { pending ??= setTimeout(() => { pending = undefined; loadProjects(); }, 500); });
await loadProjects().catch((error) => show(main, el("p.problem", { role: "alert" }, error.message)));
if (!main.childElementCount || location.hash) route();
