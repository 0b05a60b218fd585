"use strict";
// Charts by Chart.js; drawn again when the theme changes.
const drawn = [];

function chart(title, note, make, options = {}) {
  const canvas = el("canvas", { role: "img", ariaLabel: title + ". " + note });
  const figure = el("figure", { class: options.wide ? "wide" : "" },
    el("h2", {}, title), el("p", { class: "quiet" }, note), el("div", { class: "canvas" }, canvas));
  byId("charts").append(figure);
  drawn.push({ canvas, make, chart: null });
}

function drawCharts() {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  Chart.defaults.color = colour("quiet");
  Chart.defaults.borderColor = colour("line");
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  for (const entry of drawn) {
    if (entry.chart) entry.chart.destroy();
    entry.chart = new Chart(entry.canvas, entry.make());
  }
}

// Bars for plain numbers. `lying`: labels at the left. `share`: of what the numbers are part, for the tooltip.
function bars(labels, values, { lying = false, tone = "plain", unit = "", total = 0, digits = 0 } = {}) {
  const written = (value) => value.toLocaleString("en", { maximumFractionDigits: digits }) + unit;
  return {
    type: "bar",
    data: { labels, datasets: [{ data: values, backgroundColor: colour(tone), borderRadius: 3, maxBarThickness: 26, categoryPercentage: 0.86, barPercentage: 0.94 }] },
    options: {
      indexAxis: lying ? "y" : "x",
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: { label: (item) => written(item.raw) + (total ? "  (" + percent(item.raw / total, 1) + ")" : "") } },
      },
      scales: {
        [lying ? "x" : "y"]: { beginAtZero: true, grid: { drawTicks: false }, border: { display: false }, ticks: { maxTicksLimit: 5, padding: 6, precision: digits ? undefined : 0 } },
        [lying ? "y" : "x"]: { grid: { display: false }, ticks: { autoSkip: !lying, maxRotation: 0 } },
      },
    },
  };
}

function stackedByEvidence(roles, evidence, value) {
  return {
    type: "bar",
    data: {
      labels: roles,
      datasets: evidence.map((name) => ({
        label: name,
        data: roles.map((role) => value(role, name)),
        backgroundColor: colour(EVIDENCE.includes(name) ? name : "quiet"),
        maxBarThickness: 24,
        categoryPercentage: 0.86,
        barPercentage: 0.94,
      })),
    },
    options: {
      indexAxis: "y",
      interaction: { mode: "y", intersect: false },
      plugins: {
        legend: { position: "bottom", labels: { boxWidth: 12, boxHeight: 12 } },
        tooltip: { filter: (item) => item.raw > 0, callbacks: { label: (item) => item.dataset.label + "  " + item.raw.toFixed(2) + " %" } },
      },
      scales: {
        x: { stacked: true, beginAtZero: true, border: { display: false }, grid: { drawTicks: false }, ticks: { callback: (tick) => tick + " %", padding: 6 } },
        y: { stacked: true, grid: { display: false }, ticks: { autoSkip: false } },
      },
    },
  };
}
