"use strict";
// The sample pages: filters, full-text search, and the list that is left.
const CHUNK = 150; // entries of the list that are made at once
R.filters = { site: "", language: "", role: "", evidence: "", outcome: "" };
R.words = [];
R.shown = [];

const fold = (text) => text.toLowerCase();

function preparePages() {
  for (const page of R.pages) {
    page.lines = page.lines.map(lineOf);
    page.roles = new Set(page.lines.filter((line) => !line.kept || line.cut).map((line) => line.role));
    page.evidences = new Set(page.lines.filter((line) => !line.kept).map((line) => line.evidence));
    page.haystack = null; // made when the first search asks for it
  }
}

function haystack(page) {
  page.haystack ??= fold([page.title, page.authors.join(" "), page.url, page.source, ...page.lines.map((line) => line.text)].join("\n"));
  return page.haystack;
}

function showBrowser() {
  const counted = (values) => {
    const counts = new Map();
    for (const value of values) if (value) counts.set(value, (counts.get(value) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };
  fill("site", "all sites", counted(R.pages.map((page) => page.site)));
  fill("language", "all languages", counted(R.pages.map((page) => page.language)));
  fill("role", "all roles", counted(R.pages.flatMap((page) => [...page.roles])));
  fill("evidence", "all evidence", counted(R.pages.flatMap((page) => [...page.evidences])));
  fill("outcome", "all outcomes", counted(R.pages.map((page) => page.outcome)));
  let timer = 0;
  byId("search").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(applyFilters, 120); });
  byId("clear-filters").addEventListener("click", clearFilters);
  byId("list").addEventListener("scroll", () => { const list = byId("list"); if (list.scrollTop + list.clientHeight > list.scrollHeight - 600) moreEntries(); });
  applyFilters();
}

function fill(name, all, values) {
  const select = byId("by-" + name);
  select.replaceChildren(el("option", { value: "" }, all), ...values.map(([value, n]) => el("option", { value }, value + "  (" + n + ")")));
  select.addEventListener("change", () => setFilter(name, select.value));
}

function setFilter(name, value) {
  const select = byId("by-" + name);
  R.filters[name] = value;
  select.value = value;
  select.classList.toggle("set", value !== "");
  applyFilters();
}

function clearFilters() {
  byId("search").value = "";
  for (const name of Object.keys(R.filters)) { R.filters[name] = ""; byId("by-" + name).value = ""; byId("by-" + name).classList.remove("set"); }
  applyFilters();
}

function showPagesOf(site) {
  clearFilters();
  openTab("pages");
  setFilter("site", site);
}

function applyFilters() {
  const { site, language, role, evidence, outcome } = R.filters;
  R.words = fold(byId("search").value).split(/\s+/).filter(Boolean);
  const meets = (page) =>
    (!site || page.site === site) && (!language || page.language === language) && (!outcome || page.outcome === outcome) &&
    (role && evidence
      ? page.lines.some((line) => !line.kept && line.role === role && line.evidence === evidence)
      : (!role || page.roles.has(role)) && (!evidence || page.evidences.has(evidence))) &&
    R.words.every((word) => haystack(page).includes(word));
  R.shown = R.pages.filter(meets);
  const all = R.data.rows.articles + R.data.rows.rejected;
  byId("found").textContent = (R.shown.length === R.pages.length ? plural(R.pages.length, "page") : number(R.shown.length) + " of " + plural(R.pages.length, "page")) +
    (R.pages.length < all ? ", a sample of " + number(all) : "");
  byId("list").replaceChildren();
  byId("list").scrollTop = 0;
  moreEntries();
  select(R.shown.includes(R.page) ? R.page : R.shown[0] || null);
}

function moreEntries() {
  const list = byId("list");
  const from = list.children.length;
  list.append(...R.shown.slice(from, from + CHUNK).map(entry));
}

function entry(page) {
  const facts = [page.site || "site not known", page.language, page.outcome === "kept" ? percent(page.share) + " removed" : page.outcome];
  const about = el("span", { class: "quiet" });
  facts.filter(Boolean).forEach((fact, i) => about.append(...(i ? [" · ", bdi(fact)] : [bdi(fact)])));
  const item = el("li", { role: "option", ariaSelected: String(page === R.page) },
    el("span", { class: "title", dir: "auto" }, page.title ? marked(page.title, R.words) : bdi(page.reason || page.source)),
    snippet(page), about);
  item.addEventListener("click", () => select(page));
  return item;
}

function snippet(page) {
  if (!R.words.length) return null;
  const line = page.lines.find((l) => R.words.some((word) => fold(l.text).includes(word)));
  if (!line) return null;
  const at = Math.max(0, Math.min(...R.words.map((word) => fold(line.text).indexOf(word)).filter((i) => i >= 0)) - 30);
  return el("span", { class: "hit", dir: "auto" }, marked((at ? "…" : "") + line.text.slice(at, at + 120), R.words));
}

function select(page) {
  const list = byId("list");
  const at = R.shown.indexOf(page);
  while (list.children.length <= at && list.children.length < R.shown.length) moreEntries();
  for (const item of list.querySelectorAll('[aria-selected="true"]')) item.setAttribute("aria-selected", "false");
  if (at >= 0) { list.children[at].setAttribute("aria-selected", "true"); list.children[at].scrollIntoView({ block: "nearest" }); }
  showPage(page, R.words);
}

function stepPage(by) {
  const next = R.shown[R.shown.indexOf(R.page) + by];
  if (next) select(next);
}
