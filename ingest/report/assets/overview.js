"use strict";
// Totals, figures and charts of the whole dataset.
const MOST_MONTHS = 60; // above, dates are shown by year
const MOST_LANGUAGES = 10;

function showOverview() {
  showBalance();
  showFigures();
  showCharts();
  showRuns();
}

function showBalance() {
  const { records, outcomes, rows } = R.data;
  const names = Object.keys(outcomes).filter((name) => outcomes[name]);
  const strip = el("div", { class: "strip", role: "img", ariaLabel: names.map((name) => outcomes[name] + " " + name).join(", ") });
  const parts = names.map((name, i) => {
    const tone = "var(--" + OUTCOME_COLOURS[i % OUTCOME_COLOURS.length] + ")";
    const bar = el("i", { title: number(outcomes[name]) + " " + name });
    bar.style.flex = outcomes[name] + " 0 2px";
    bar.style.background = tone;
    strip.append(bar);
    const swatch = el("span", { class: "swatch" });
    swatch.style.background = tone;
    return el("span", { class: "part" }, swatch, el("b", {}, number(outcomes[name])), " " + name);
  });
  const balances = records === sum(Object.values(outcomes)) && records === rows.articles + rows.rejected;
  byId("balance").append(
    el("div", { class: "sum" }, el("span", { class: "total" }, number(records)), el("span", {}, records === 1 ? "record =" : "records ="),
      ...parts.flatMap((part, i) => (i ? [el("span", { class: "quiet" }, "+"), part] : [part]))),
    strip,
    el("p", { class: "quiet", id: "balanced" },
      (balances ? "✓ the totals balance: " : "✗ the totals do not balance: ") +
      plural(R.data.sources, "source") + ", " + number(rows.articles) + " rows of articles + " + number(rows.rejected) + " rejected"));
}

function showFigures() {
  const { rows, removed, kept_characters: kept, n_sites: sites, languages, untitled, undated, ambiguous } = R.data;
  const gone = sum(removed.map((share) => share.characters));
  const tell = (value, words) => byId("figures").append(el("div", { class: "figure" }, el("b", {}, value), el("span", { class: "quiet" }, words)));
  tell(number(rows.articles), "articles");
  tell(kept + gone ? percent(gone / (kept + gone), 1) : "–", "of all characters removed");
  tell(number(sum(removed.map((share) => share.lines))), "lines removed, each with its reason");
  tell(number(sites), sites === 1 ? "site" : "sites");
  tell(number(languages.length), languages.length === 1 ? "language" : "languages");
  if (rows.articles) {
    tell(percent(1 - untitled / rows.articles, 1), "have a title");
    tell(percent(1 - undated / rows.articles, 1), "have a date" + (ambiguous ? "; " + number(ambiguous) + " could be read two ways" : ""));
  }
}

function showCharts() {
  const { removed, kept_characters: kept, languages, words, word_bins: bins, shares, runs, rows } = R.data;
  const all = kept + sum(removed.map((share) => share.characters));
  const cells = new Map(removed.map((share) => [share.role + "\0" + share.evidence, share]));
  const roles = [...new Set(removed.map((share) => share.role))];
  const ofRole = (role) => sum(removed.filter((share) => share.role === role).map((share) => share.characters));
  roles.sort((a, b) => ofRole(b) - ofRole(a));
  const evidence = [...new Set([...EVIDENCE, ...removed.map((share) => share.evidence)])].filter((name) => removed.some((share) => share.evidence === name));
  const value = (role, name) => { const cell = cells.get(role + "\0" + name); return cell && all ? (100 * cell.characters) / all : 0; };
  if (roles.length) chart("What was removed", "share of all characters, by role and by the evidence that decided", () => stackedByEvidence(roles, evidence, value), { wide: true });

  const top = languages.slice(0, MOST_LANGUAGES);
  const rest = sum(languages.slice(MOST_LANGUAGES).map((pair) => pair[1]));
  if (rest) top.push(["other", rest]);
  if (top.length) chart("Languages", "articles by main language", () => bars(top.map((pair) => pair[0] || "none"), top.map((pair) => pair[1]), { lying: true, total: rows.articles }));

  const lengths = trimmed(words);
  if (lengths) chart("Length", "articles by words", () => bars(bins.slice(lengths[0], lengths[1]).map((low, i) => label(bins, lengths[0] + i)), words.slice(...lengths), { total: rows.articles }));

  const [dates, step] = timeline();
  if (dates.length) chart("Dates", "articles by " + step + " of publication", () => bars(dates.map((pair) => pair[0]), dates.map((pair) => pair[1]), { total: rows.articles }));

  const width = 100 / shares.length;
  if (sum(shares)) chart("Removed share", "articles by the share of their page that was removed", () => bars(shares.map((_, i) => i * width + "–" + (i + 1) * width + " %"), shares, { total: rows.articles }));

  const run = [...runs].reverse().find((record) => Object.keys(record.stage_seconds).length);
  if (run) {
    const stages = Object.entries(run.stage_seconds).sort((a, b) => b[1] - a[1]);
    const each = (seconds) => (1000 * seconds) / run.records;
    chart("Slowest stages", "milliseconds a record, run " + run.run_id, () => bars(stages.map((pair) => pair[0]), stages.map((pair) => each(pair[1])), { lying: true, unit: " ms", digits: 2, total: sum(stages.map((pair) => each(pair[1]))) }));
  }
}

// First and last bin that hold anything, or null.
function trimmed(counts) {
  const first = counts.findIndex((n) => n > 0);
  return first < 0 ? null : [first, counts.length - [...counts].reverse().findIndex((n) => n > 0)];
}

function label(bins, i) {
  return i + 1 < bins.length ? bins[i] + "–" + (bins[i + 1] - 1) : bins[i] + "+";
}

function timeline() {
  const months = R.data.months;
  if (!months.length) return [[], ""];
  const position = (name) => { const [year, month] = name.split("-").map(Number); return year * 12 + month - 1; };
  const first = position(months[0][0]), last = position(months[months.length - 1][0]);
  const counts = new Map(months);
  if (last - first < MOST_MONTHS) {
    const names = Array.from({ length: last - first + 1 }, (_, i) => String(Math.floor((first + i) / 12)).padStart(4, "0") + "-" + String(((first + i) % 12) + 1).padStart(2, "0"));
    return [names.map((name) => [name, counts.get(name) || 0]), "month"];
  }
  const years = new Map();
  for (let year = Math.floor(first / 12); year <= Math.floor(last / 12); year++) years.set(String(year), 0);
  for (const [name, n] of months) years.set(String(Number(name.slice(0, 4))), years.get(String(Number(name.slice(0, 4)))) + n);
  return [[...years], "year"];
}

function showRuns() {
  const runs = [...R.data.runs].reverse();
  if (!runs.length) return byId("runs").remove();
  const row = (run, before) => el("tr", {},
    el("td", {}, el("code", {}, run.run_id)),
    el("td", { class: "number" }, number(run.records)),
    el("td", {}, Object.entries(run.outcomes).filter((pair) => pair[1]).map(([name, n]) => number(n) + " " + name).join(", ")),
    el("td", { class: "number" }, (run.seconds || 0).toFixed(1) + " s"),
    el("td", { class: "number" }, run.seconds ? (run.records / run.seconds).toFixed(0) + " /s" : ""),
    el("td", { class: "quiet" }, before && before.config_hash !== run.config_hash ? "other settings, rules or models than before" : ""));
  byId("runs").append(
    el("h2", {}, "Runs"), el("p", { class: "quiet" }, "the latest first; runs that had nothing to read are left out"),
    el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, "run"), el("th", { class: "number" }, "records"), el("th", {}, "outcomes"), el("th", { class: "number" }, "time"), el("th", { class: "number" }, "records"), el("th", {}, ""))),
      el("tbody", {}, runs.map((run, i) => row(run, runs[i + 1])))));
}
