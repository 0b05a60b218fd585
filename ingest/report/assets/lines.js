"use strict";
// One page: its lines as they stood on the left, the article that came of them on the right.

// A line comes as a list, see PageLine in page.py.
function lineOf(values) {
  const [line, kept, text, role, evidence, rule, score, language, cut, mended] = values;
  return { line, kept, text, role, evidence, rule, score, language, cut, mended };
}

function showPage(page, wanted) {
  R.page = page;
  const pane = byId("page");
  if (!page) return pane.replaceChildren(el("p", { class: "empty" }, R.pages.length ? "No page meets these filters." : "There are no pages to show."));
  const before = el("div", { class: "pane before" + (R.onlyRemoved ? " only-removed" : ""), tabIndex: -1 }, el("h2", {}, "Before: the page as it was"));
  for (const line of page.lines) before.append(lineRow(page, line, wanted));
  if (page.cut) before.append(el("p", { class: "empty" }, plural(page.cut, "more character") + " not shown here"));
  pane.replaceChildren(
    ...[headOf(page), page.exact ? null : el("p", { class: "note" }, "The rows do not say on which lines the text stood; where it is placed among the removed lines is a guess. A run with --reprocess all adds the numbers.")].filter(Boolean),
    el("div", { class: "panes" }, before, articleOf(page, wanted)));
  R.at = null;
}

function headOf(page) {
  const only = el("button", { ariaPressed: String(Boolean(R.onlyRemoved)), title: "o" }, "Only removed lines");
  only.addEventListener("click", toggleRemoved);
  const id = el("code", { title: "ingest explain " + page.id + R.data.option }, page.id.slice(0, 12));
  const used = EVIDENCE.filter((name) => page.lines.some((line) => line.evidence === name));
  return el("div", { class: "head" },
    el("span", {}, el("b", {}, page.outcome)), page.site ? bdi(page.site) : null,
    el("code", {}, bdi(page.source + (page.record ? "#" + page.record : ""))), id,
    page.encoding && page.encoding !== "utf-8" ? el("span", {}, page.encoding) : null,
    page.repairs.length ? el("span", {}, "mended: " + page.repairs.join(", ")) : null,
    el("span", { class: "legend push" }, used.map((name) => { const s = el("span", { class: "swatch" }); s.style.background = "var(--" + name + ")"; return el("span", { title: EVIDENCE_WORDS[name] }, s, name); })),
    only);
}

function lineRow(page, line, wanted) {
  const meta = METADATA.has(line.role);
  const dim = (R.filters.role && !line.kept && line.role !== R.filters.role) || (R.filters.evidence && !line.kept && line.evidence !== R.filters.evidence);
  const row = el("div", {
    class: "line" + (line.kept ? "" : " gone") + (meta && !line.kept ? " meta" : "") + (dim ? " dim" : ""),
    tabIndex: -1,
    data: { line: line.line, evidence: line.kept ? "" : line.evidence },
  },
    el("span", { class: "no" }, String(line.line)),
    el("span", { class: "text", dir: "auto" }, marked(line.text, wanted)),
    line.kept
      ? el("span", { class: "why" }, line.cut ? "trimmed" : line.mended ? "mended" : "")
      : el("span", { class: "why", title: line.rule }, el("b", {}, line.role), line.score === null ? "" : " " + line.score.toFixed(2)),
    line.cut ? el("span", { class: "extra" }, "cut off as " + line.role + ": ", el("s", {}, bdi(line.cut))) : null,
    line.mended ? el("span", { class: "extra" }, "was: ", bdi(line.mended)) : null);
  paintMark(row, page, line);
  row.addEventListener("click", () => { if (String(getSelection()) === "") atLine(line, "before"); });
  return row;
}

function articleOf(page, wanted) {
  const pane = el("div", { class: "pane article", tabIndex: -1 }, el("h2", {}, "After: the article"));
  if (page.outcome !== "kept" && page.outcome !== "duplicate") {
    pane.append(el("h3", {}, "No article: " + page.outcome), el("p", { dir: "auto" }, page.reason), page.remedy ? el("div", { class: "by", dir: "auto" }, "→ " + page.remedy) : "");
    return pane;
  }
  const facts = [page.authors.join(", "), page.published.replace(/ 00:00:00$/, ""), page.section, page.language, plural(page.words, "word"), percent(page.share) + " of the page removed"];
  const by = el("div", { class: "by" });
  facts.filter(Boolean).forEach((fact, i) => by.append(...(i ? [" · ", bdi(fact)] : [bdi(fact)])));
  pane.append(el("h3", { dir: "auto" }, page.title ? marked(page.title, wanted) : "(no title)"), by);
  if (page.duplicate_of) pane.append(el("div", { class: "by" }, "a copy of ", el("code", {}, page.duplicate_of.slice(0, 12))));
  for (const line of page.lines.filter((l) => l.kept)) {
    const paragraph = el("p", { dir: "auto", data: { line: line.line } }, marked(line.text, wanted));
    paragraph.addEventListener("click", () => { if (String(getSelection()) === "") atLine(line, "article"); });
    pane.append(paragraph);
  }
  return pane;
}

// Text with the words that were searched for marked; all of it text nodes.
function marked(text, wanted) {
  if (!wanted || !wanted.length) return [text];
  const folded = fold(text);
  if (folded.length !== text.length) return [text]; // folding moved the letters; better no mark than a wrong one
  const spans = [];
  for (const word of wanted) for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) spans.push([at, at + word.length]);
  spans.sort((a, b) => a[0] - b[0]);
  const parts = [];
  let done = 0;
  for (const [from, to] of spans) {
    if (from < done) continue;
    parts.push(text.slice(done, from), el("mark", {}, text.slice(from, to)));
    done = to;
  }
  return [...parts, text.slice(done)];
}

// Make a line the current one, on both sides, and say all that is known of it.
function atLine(line, from) {
  const pane = byId("page");
  for (const node of pane.querySelectorAll(".at")) node.classList.remove("at");
  for (const node of pane.querySelectorAll(".act")) node.remove();
  R.at = line;
  if (!line) return;
  for (const node of pane.querySelectorAll('[data-line="' + line.line + '"]')) {
    node.classList.add("at");
    const own = node.closest(".pane").classList.contains(from);
    if (!own || from === "keys") node.scrollIntoView({ block: from === "keys" ? "nearest" : "center" });
    if (node.classList.contains("line")) node.append(actions(R.page, line));
  }
}

function actions(page, line) {
  const button = (should, words, key) => {
    const set = markOf(page, line) === should;
    const node = el("button", { title: key, ariaPressed: String(set) }, set ? "✓ " + words : words);
    node.addEventListener("click", (event) => { event.stopPropagation(); markLine(page, line, should); });
    return node;
  };
  const why = line.kept ? "kept" : [line.role, line.evidence, line.rule].filter(Boolean).join(" · ");
  return el("div", { class: "act" },
    line.kept ? button("go", "should go", "g") : button("stay", "should stay", "s"),
    el("span", { class: "quiet" }, bdi(why + (line.language ? " · " + line.language : ""))),
    el("code", { title: "shows every voter" }, "ingest explain " + page.id.slice(0, 12) + " --line " + line.line + R.data.option));
}

function stepLine(by) {
  if (!R.page) return;
  const lines = R.onlyRemoved ? R.page.lines.filter((line) => !line.kept) : R.page.lines;
  const next = R.at ? lines.indexOf(R.at) + by : by > 0 ? 0 : lines.length - 1;
  if (lines[next]) atLine(lines[next], "keys");
}

function toggleRemoved() {
  R.onlyRemoved = !R.onlyRemoved;
  showPage(R.page, R.words);
}
