// The page for everybody: keys, screen readers, little contrast, a phone, less motion, dark.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { call, newID } from "./seed.mjs";
import { base, browser, fits, open, page, PROJECT, step } from "./stage.mjs";

const { id: project } = await call(base, "POST", "/projects/retrieve", { name: PROJECT });
const { content: traces } = await call(base, "GET", `/traces?project_id=${project}&size=100`);
const failed = traces.find((trace) => trace.name === "answer" && trace.error_info);
const { content: spans } = await call(base, "GET", `/spans?project_id=${project}&trace_id=${failed.id}`);
const views = {
  list: `#/project/${project}/traces`, nothing: `#/project/${project}/traces?search=nowhere`, trace: `#/trace/${failed.id}`, span: `#/trace/${failed.id}/span/${spans.find((span) => span.type === "llm").id}`,
  threads: `#/project/${project}/threads`, thread: `#/project/${project}/thread/guest-03`, charts: `#/project/${project}/charts`,
};
const SHOWN = "tr[data-id], td.none, .card, figure, .turn, .pane .entry";

await step("axe finds nothing to object to", async () => {
  const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
  for (const [colorScheme, width] of [["light", 1200], ["dark", 375]]) {
    // The checker is a script of its own, which the page's policy would not let in.
    const context = await browser.newContext({ bypassCSP: true, colorScheme, reducedMotion: "reduce", viewport: { width, height: 760 } });
    const visitor = await context.newPage();
    for (const [name, hash] of Object.entries(views)) {
      await visitor.goto("about:blank");
      await visitor.goto(`${base}/${hash}`);
      await visitor.locator(SHOWN).first().waitFor();
      if (name === "list") await visitor.keyboard.press("j");
      await visitor.addScriptTag({ path: axe });
      const { violations } = await visitor.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].html}`), [], `${name}, ${colorScheme}, ${width} wide`);
    }
    await visitor.goto("about:blank"); // a context that is closed takes some builds of Chromium with it
  }
});

await step("the keyboard reaches everything, and shows where it is", async () => {
  await open(views.list);
  await page.locator("tr[data-id]").first().waitFor();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  assert.ok((await skip.boundingBox()).x >= 0, "the link that skips the projects is seen once it has the focus");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.closest("main") !== null), true);
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Tab");
    const ring = await page.evaluate(() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return `${outlineStyle} ${outlineWidth}`; });
    assert.equal(ring, "solid 2px");
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

await step("the tree is walked, folded and named for a screen reader", async () => {
  await open(views.trace);
  const tree = page.getByRole("tree", { name: "Spans" });
  await page.getByRole("treeitem").nth(3).waitFor();
  await page.waitForFunction(() => document.activeElement.role === "tree");
  const active = () => tree.evaluate((node) => document.getElementById(node.getAttribute("aria-activedescendant"))?.querySelector(".title").textContent);
  assert.equal(await active(), "answer");
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  assert.equal(await active(), "complete");
  const item = page.getByRole("treeitem", { name: /complete/ });
  assert.equal(await item.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await item.getAttribute("aria-expanded"), "false");
  assert.equal(await page.getByRole("treeitem", { name: /calculate/ }).count(), 0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("End");
  assert.equal(await active(), "calculate");
  await page.keyboard.press("Home");
  await page.keyboard.press("Escape");
  await page.locator("tr[data-id]").first().waitFor();
  assert.equal(await page.title(), `Traces · ${PROJECT} · opik-local`);
});

await step("it is light or dark as one likes, and the choice stays", async () => {
  const lightness = async () => Number(/\d+/.exec(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))[0]);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.ok(await lightness() < 60);
  await page.keyboard.press("t");
  assert.ok(await lightness() > 200, "light was chosen");
  await page.emulateMedia({ colorScheme: "light" });
  await page.keyboard.press("t");
  await page.reload();
  assert.ok(await lightness() < 60, "dark was chosen");
  await page.keyboard.press("t");
  assert.ok(await lightness() > 200, "as the system is");
});

await step("nothing moves where less motion is asked for", async () => {
  const [id, start_time] = [newID(), new Date().toISOString()];
  await call(base, "POST", "/traces", { id, project_name: "moving", name: "moving", start_time });
  const { id: moving } = await call(base, "POST", "/projects/retrieve", { name: "moving" });
  await open(`#/project/${moving}/traces`);
  const motion = () => page.locator(".dot.busy").evaluate((dot) => getComputedStyle(dot).animationName);
  assert.equal(await motion(), "none");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.equal(await motion(), "pulse");
  await page.emulateMedia({ reducedMotion: "reduce" });
});

await step("a phone shows all of it without scrolling sideways", async () => {
  const long = "w".repeat(400);
  const id = newID();
  const now = new Date().toISOString();
  const whole = { project_name: "wide", name: long, start_time: now, end_time: now, tags: [long, "b"], input: { [long]: long, messages: [{ role: "user", content: long }] }, output: { text: long }, error_info: { exception_type: long, message: long, traceback: `${long}\n${long}` } };
  await call(base, "POST", "/traces", { ...whole, id, thread_id: long });
  await call(base, "POST", "/spans", { ...whole, id: newID(), trace_id: id, type: "llm", model: long, provider: long });
  const { id: wide } = await call(base, "POST", "/projects/retrieve", { name: "wide" });
  await page.setViewportSize({ width: 375, height: 760 });
  for (const hash of [...Object.values(views), `#/project/${wide}/traces`, `#/project/${wide}/threads`, `#/project/${wide}/thread/${long}`, `#/trace/${id}`]) {
    await open(hash);
    await page.locator(SHOWN).first().waitFor();
    assert.ok(await fits(), `${hash} is wider than a phone`);
    assert.ok(await page.evaluate(() => { const split = document.querySelector(".split"); return !split || split.scrollWidth <= innerWidth; }), `${hash} scrolls sideways within`);
  }
  await open(views.list);
  const current = await page.locator(".projects [aria-current]").boundingBox();
  assert.ok(current.x >= 0 && current.x + current.width <= 375, "the project is in sight among the others");
  await page.setViewportSize({ width: 1200, height: 720 });
});
