"use strict";
// «This line should stay, that one should go»: collected here, made into rules by `ingest rules add`.
R.marks = new Map(); // "id:line" -> { page, line, should }

const placeOf = (page, line) => page.id + ":" + line.line;
const markOf = (page, line) => { const mark = R.marks.get(placeOf(page, line)); return mark ? mark.should : ""; };

function markLine(page, line, should) {
  if ((should === "stay") === line.kept) return; // it does already
  const place = placeOf(page, line);
  if (markOf(page, line) === should) R.marks.delete(place);
  else R.marks.set(place, { page, line, should });
  const row = byId("page").querySelector('.line[data-line="' + line.line + '"]');
  if (row) paintMark(row, page, line);
  atLine(line, "before");
  showCorrections();
}

function paintMark(row, page, line) {
  row.classList.remove("stay", "go");
  if (markOf(page, line)) row.classList.add(markOf(page, line));
}

function correctionsCommand() {
  return ["ingest rules add" + R.data.option, ...[...R.marks].map(([place, mark]) => "--" + mark.should + " " + place)].join(" \\\n  ");
}

// TOML basic strings are JSON strings but for two details.
const toml = (text) => JSON.stringify(text.toWellFormed ? text.toWellFormed() : text).replace(/\u007f/g, "\\u007f");

function correctionsFile() {
  const items = [...R.marks].map(([place, mark]) => "[[correction]]\nline = " + toml(place) + "\nshould = " + toml(mark.should) + "\ntext = " + toml(mark.line.text) + "\n");
  return "# Apply with: ingest rules add" + R.data.option + " --from corrections.toml\n\n" + items.join("\n");
}

function showCorrections() {
  const card = byId("corrections-card");
  const badge = byId("marked");
  badge.hidden = !R.marks.size;
  badge.textContent = String(R.marks.size);
  if (!R.marks.size) {
    return card.replaceChildren(el("h2", {}, "Nothing is marked yet"),
      el("p", {}, "In Pages, click a line and say that it should stay or should go (or press s or g). What you mark is collected here, as a command that makes site rules of it."));
  }
  const rows = [...R.marks].map(([place, mark]) => {
    const drop = el("button", { ariaLabel: "Take back" }, "✕");
    drop.addEventListener("click", () => { R.marks.delete(place); showCorrections(); if (R.page === mark.page) showPage(R.page, R.words); });
    return el("tr", {}, el("td", { class: mark.should + "-word" }, mark.should), el("td", {}, bdi(mark.page.site || mark.page.source)), el("td", { dir: "auto" }, mark.line.text.slice(0, 300)), el("td", {}, drop));
  });
  const command = correctionsCommand();
  const copy = el("button", {}, "Copy the command");
  copy.addEventListener("click", () => copyText(command, copy));
  const save = el("button", {}, "Save as corrections.toml");
  save.addEventListener("click", () => download("corrections.toml", correctionsFile()));
  const clear = el("button", {}, "Take all back");
  clear.addEventListener("click", () => { R.marks.clear(); showCorrections(); if (R.page) showPage(R.page, R.words); });
  card.replaceChildren(
    el("h2", {}, plural(R.marks.size, "correction")),
    el("table", {}, el("tbody", {}, rows)),
    el("p", {}, "Run this where the report was made. Each line becomes a rule of its site, with cases that the rules are tested against:"),
    el("pre", {}, el("code", { id: "command" }, command)),
    el("div", { class: "buttons" }, copy, save, clear),
    el("p", { class: "quiet after" }, "It says what to do next: ", el("code", {}, "ingest run --rules rules --reprocess stale" + R.data.option), " reads the sources again, and ", el("code", {}, "ingest report" + R.data.option), " shows the effect."));
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { value: text }); // where a browser gives files no clipboard
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1200);
}

function download(name, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/toml" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
