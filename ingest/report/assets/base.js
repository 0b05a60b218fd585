"use strict";
// One object for what the parts of the report share. Text of pages becomes text nodes only: `el` takes strings as text.
const R = { data: JSON.parse(document.getElementById("report-data").textContent), pages: [] };

const byId = (id) => document.getElementById(id);

// An element with properties, and children that are elements or text. `data`, `aria` and `class` are attributes.
function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("aria") || name === "role" || name === "colspan") {
      node.setAttribute(name.replace(/^aria(.)/, (_, c) => "aria-" + c.toLowerCase()), value);
    } else node[name] = value;
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Text of pages, set apart so that its direction and its overrides end with it.
const bdi = (text) => el("bdi", { dir: "auto" }, text);

const whole = new Intl.NumberFormat("en");
const number = (n) => whole.format(Math.round(n));
const percent = (share, digits = 0) => (100 * share).toFixed(digits) + " %";
const signed = (n, digits = 0) => (n > 0 ? "+" : n < 0 ? "−" : "±") + Math.abs(n).toFixed(digits);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const plural = (n, word) => number(n) + " " + word + (n === 1 ? "" : "s");

// The colour behind a variable of the style sheet, as the theme has it now.
function colour(name) {
  const probe = el("span", { hidden: true });
  document.body.append(probe);
  probe.style.color = "var(--" + name + ")";
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const METADATA = new Set(["title", "byline", "date", "section", "source", "tag", "standfirst"]);
const EVIDENCE = ["site", "rule", "model", "extractor", "duplicate"];
const EVIDENCE_WORDS = {
  site: "site: repeats on the site's pages",
  rule: "rule: a phrase or pattern",
  model: "model: shape, words, place",
  extractor: "extractor: dropped by trafilatura",
  duplicate: "duplicate: repeats on the page",
};
const OUTCOME_COLOURS = ["rule", "duplicate", "extractor", "model", "site"];

async function unpack(base64) {
  const packed = Uint8Array.from(atob(base64.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}
