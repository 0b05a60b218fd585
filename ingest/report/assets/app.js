"use strict";
// Tabs, theme and keys; then everything is shown.
const TABS = ["overview", "sites", "pages", "corrections"];

function openTab(name) {
  for (const tab of TABS) {
    byId(tab).hidden = tab !== name;
    byId("tab-" + tab).setAttribute("aria-selected", String(tab === name));
  }
  R.tab = name;
  history.replaceState(null, "", "#" + name);
  scrollTo(0, 0);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("ingest-report-theme", theme); } catch { /* a browser may refuse; then the choice is for this visit */ }
  drawCharts();
}

function isDark() {
  const set = document.documentElement.dataset.theme;
  return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

const KEYS = {
  "1": () => openTab("overview"),
  "2": () => openTab("sites"),
  "3": () => openTab("pages"),
  "4": () => openTab("corrections"),
  "/": () => { openTab("pages"); byId("search").focus(); byId("search").select(); },
  "?": () => byId("help").showModal(),
  t: () => setTheme(isDark() ? "light" : "dark"),
};
const PAGE_KEYS = {
  j: () => stepPage(1),
  k: () => stepPage(-1),
  ArrowDown: () => stepLine(1),
  ArrowUp: () => stepLine(-1),
  o: toggleRemoved,
  s: () => R.at && markLine(R.page, R.at, "stay"),
  g: () => R.at && markLine(R.page, R.at, "go"),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const field = event.target.closest("input, select, textarea");
  if (field) {
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && field.id === "search") field.blur();
    return;
  }
  const act = KEYS[event.key] || (R.tab === "pages" && PAGE_KEYS[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
}

async function start() {
  byId("dataset").firstChild.textContent = R.data.dataset;
  byId("made").textContent = "as of " + (R.data.last_commit.slice(0, 16) || "never") + " UTC · ingest " + R.data.version;
  for (const tab of TABS) byId("tab-" + tab).addEventListener("click", () => openTab(tab));
  byId("theme").addEventListener("click", KEYS.t);
  byId("keys").addEventListener("click", KEYS["?"]);
  document.addEventListener("keydown", onKey);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
  try { const theme = localStorage.getItem("ingest-report-theme"); if (theme) document.documentElement.dataset.theme = theme; } catch { /* see setTheme */ }
  const wanted = location.hash.slice(1);
  openTab("overview");
  showOverview();
  showSites();
  drawCharts();
  showCorrections();
  try {
    R.pages = await unpack(byId("page-data").textContent);
  } catch (error) {
    byId("notices").append(el("p", { class: "notice" }, "The sample pages cannot be shown: this browser cannot unpack them (it needs DecompressionStream, in all browsers since 2023). " + error));
  }
  preparePages();
  showBrowser();
  if (TABS.includes(wanted)) openTab(wanted);
  document.documentElement.dataset.ready = "yes";
}

start();
