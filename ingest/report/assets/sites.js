"use strict";
// The table of sites, what changed since the run before, and the lines that a site repeats most.
const COLUMNS = [
  { name: "site", title: "site", value: (s) => s.site, text: true },
  { name: "articles", title: "articles", value: (s) => s.articles },
  { name: "share", title: "removed, mean", value: (s) => s.share },
  { name: "change", title: "change", value: (s) => { const d = R.drift.get(s.site); return d ? Math.abs(d.share - d.share_before) : -1; } },
  { name: "words", title: "words, mean", value: (s) => s.words },
  { name: "language", title: "language", value: (s) => s.language, text: true },
  { name: "untitled", title: "no title", value: (s) => s.untitled / s.articles },
  { name: "undated", title: "no date", value: (s) => s.undated / s.articles },
  { name: "first", title: "dates", value: (s) => s.last, text: true },
];
let sorted = { by: "articles", down: true };

function showSites() {
  R.drift = new Map(R.data.drifts.map((drift) => [drift.site, drift]));
  const jumps = R.data.drifts.filter((drift) => drift.jump);
  byId("jumps").replaceChildren(...jumps.slice(0, 20).map((drift) => el("p", { class: "notice jumped" }, el("b", {}, bdi(drift.site)), " " + jumpWords(drift))));
  if (jumps.length) {
    const button = el("button", {}, plural(jumps.length, "site") + " changed");
    button.addEventListener("click", () => openTab("sites"));
    byId("notices").append(el("p", { class: "notice" }, button, " markedly against the run before; a redesign may be the cause."));
  }
  const differing = Object.keys(R.data.differing).length;
  if (differing) {
    const button = el("button", {}, plural(differing, "site"));
    button.addEventListener("click", () => openTab("sites"));
    byId("notices").append(el("p", { class: "notice" }, button, " where what stays differs much from dropping every line that stands on three pages: look at them."));
  }
  const hidden = R.data.n_sites - R.data.sites.filter((site) => site.site).length;
  byId("site-note").textContent = (hidden > 0 ? "The " + R.data.sites.length + " largest of " + number(R.data.n_sites) + " sites. " : "") +
    "Click a site for the lines that go most often. Change: of the removed share, against the last run before that read pages of the site.";
  siteTable();
}

function jumpWords(drift) {
  const cause = drift.same_configuration ? "" : " Settings, rules or models differ between the two runs, which may be the cause.";
  const role = drift.role && Math.abs(drift.role_change) >= 0.5 ? " Most of it: " + signed(drift.role_change, 1) + " lines of " + drift.role + " an article." : "";
  return "lost " + percent(drift.share) + " of its pages, " + percent(drift.share_before) + " before; " +
    number(drift.words) + " words an article, " + number(drift.words_before) + " before (" + number(drift.articles) + " and " + number(drift.articles_before) + " articles)." + role + cause;
}

function siteTable() {
  const column = COLUMNS.find((c) => c.name === sorted.by);
  const rows = [...R.data.sites].sort((a, b) => {
    const x = column.value(a), y = column.value(b);
    return (x < y ? -1 : x > y ? 1 : 0) * (sorted.down ? -1 : 1) || b.articles - a.articles;
  });
  const head = COLUMNS.map((c) => {
    const button = el("button", {}, c.title + (c.name === sorted.by ? (sorted.down ? " ↓" : " ↑") : ""));
    button.addEventListener("click", () => { sorted = { by: c.name, down: c.name === sorted.by ? !sorted.down : !c.text }; siteTable(); });
    return el("th", { class: c.text ? "" : "number", ariaSort: c.name === sorted.by ? (sorted.down ? "descending" : "ascending") : null }, button);
  });
  byId("site-table").replaceChildren(el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows.map(siteRow)));
}

function siteRow(site) {
  const drift = R.drift.get(site.site);
  const meter = el("span", { class: "meter" }, el("i", {}));
  meter.firstChild.style.width = 100 * site.share + "%";
  const few = (n) => (n ? percent(n / site.articles, n / site.articles < 0.1 ? 1 : 0) : "–");
  const row = el("tr", { class: "site", tabIndex: 0, data: { site: site.site } },
    el("td", {}, site.site ? bdi(site.site) : el("span", { class: "quiet" }, "not known")),
    el("td", { class: "number" }, number(site.articles)),
    el("td", { class: "number" }, meter, el("span", { class: "share" }, percent(site.share))),
    el("td", { class: "number" }, drift ? el("span", { class: drift.jump ? "jump" : "" }, signed(100 * (drift.share - drift.share_before))) : el("span", { class: "quiet" }, "–")),
    el("td", { class: "number" }, number(site.words)),
    el("td", {}, site.language),
    el("td", { class: "number" }, few(site.untitled)),
    el("td", { class: "number" }, few(site.undated)),
    el("td", { class: "quiet" }, site.first === site.last ? site.first : site.first + " – " + site.last));
  const toggle = () => (row.nextSibling && row.nextSibling.className === "more" ? row.nextSibling.remove() : row.after(siteDetails(site, drift)));
  row.addEventListener("click", toggle);
  row.addEventListener("keydown", (event) => { if (event.key === "Enter") toggle(); });
  return row;
}

function siteDetails(site, drift) {
  const top = R.data.top[site.site] || [], outline = R.data.outlines[site.site];
  const counted = R.data.counted[site.site];
  const button = el("button", {}, "Its sample pages");
  button.addEventListener("click", () => showPagesOf(site.site));
  return el("tr", { class: "more" }, el("td", { colspan: COLUMNS.length },
    drift && drift.jump ? el("p", {}, "It " + jumpWords(drift)) : null,
    (R.data.differing[site.site] || []).map((words) => el("p", { class: "notice" }, words + ".")),
    outline ? outline.templates.map((template) => siteTemplate(template, outline)) : top.length
      ? el("table", {}, el("thead", {}, el("tr", {}, el("th", { class: "number" }, "of " + plural(counted, "page")), el("th", {}, "role"), el("th", {}, "line"))),
        el("tbody", {}, top.map((line) => el("tr", {}, el("td", { class: "number" }, number(line.pages)), el("td", {}, line.role), el("td", {}, bdi(line.text))))))
      : el("p", { class: "quiet" }, "No line goes on more than one of its pages, or the site is not among the largest."),
    el("p", {}, button)));
}

// A template: the lines that its pages share, in page order, and below a line what stands between it and the next one.
function siteTemplate(template, outline) {
  const name = !template.number ? "Pages that are like no template: " : outline.templates.length > 1 ? "Template " + template.number + ": " : "";
  const now = outline.now ? ", " + number(template.now) + " of them read by the last run" : "";
  const title = name + plural(template.pages, "page") + " of the " + number(outline.articles) + " looked at" + now;
  const rows = [template.top ? slotRow(template.top, template) : null];
  for (const anchor of template.anchors) {
    const change = anchor.before === null ? "" : "  ← on " + percent(anchor.before) + " of the pages before the last run, on " + percent(anchor.now) + " of those in it";
    rows.push(el("tr", {}, el("td", { class: "number" }, percent(anchor.share)), el("td", {}, Object.keys(anchor.roles)[0]),
      el("td", {}, bdi(anchor.text), change ? el("span", { class: "jump" }, change) : null)));
    if (anchor.slot) rows.push(slotRow(anchor.slot, template));
  }
  return el("div", {}, el("h3", {}, title),
    el("table", { class: "template" }, el("thead", {}, el("tr", {}, el("th", { class: "number" }, "of its pages"), el("th", {}, "role"), el("th", {}, "line, or what stands between"))), el("tbody", {}, rows)),
    template.rarer ? el("p", { class: "quiet" }, plural(template.rarer, "more line") + " on two pages or more, but on less than " + percent(template.often) + " of them: counted with what stands between the others.") : null);
}

function slotRow(slot, template) {
  const lines = Object.values(slot.roles).reduce((a, b) => a + b, 0);
  const roles = Object.entries(slot.roles).slice(0, 3).map(([role, n]) => role + " " + percent(n / lines)).join(", ");
  const spread = ([least, middle, most], unit) => (least === most ? plural(least, unit) : number(least) + " to " + plural(most, unit) + " (usually " + number(middle) + ")");
  const varied = slot.different === slot.pages ? "all different" : number(slot.different) + " different";
  const example = slot.example.length > 100 ? slot.example.slice(0, 100) + "…" : slot.example;
  return el("tr", { class: "slot quiet" }, el("td", { class: "number" }, percent(slot.pages / template.pages)), el("td", {}, "┆"),
    el("td", {}, spread(slot.lines, "line") + ", " + spread(slot.characters, "character") + "; " + varied + "; " + roles + ": ", bdi("«" + example + "»")));
}
