"use strict";
// Draws what the table of a figure says, once the table stands; without this, or without the library, the table is all.

const INK = ["#17497a", "#8a5a00", "#1b6b3a", "#6f4a8e", "#b3261e", "#00707a", "#545f6e", "#a0447a"];

// So many rows the legend takes: a Chinese character is as wide as two others.
function legendRows(chart, width) {
  if (chart.series.length < 2) return 0;
  const wide = (name) => 60 + [...name].reduce((sum, one) => sum + (one > "\u2e7f" ? 13 : 7), 0);
  return Math.ceil((1.15 * chart.series.reduce((sum, one) => sum + wide(one.name), 0)) / width);
}

function optionOf(chart, width) {
  const bar = chart.kind === "bar";
  const names = { type: "category", data: chart.labels, axisLabel: { hideOverlap: true } };
  const numbers = { type: "value", min: chart.low, max: chart.percent ? 100 : undefined, name: chart.unit, minInterval: chart.percent ? undefined : 1 };
  if (chart.percent) numbers.axisLabel = { formatter: "{value}%" };
  if (bar) Object.assign(numbers, { nameLocation: "middle", nameGap: 24 });
  if (bar) Object.assign(names, { inverse: true, axisLabel: { width: 180, overflow: "truncate" } });
  const label = { show: bar, position: "right", formatter: chart.percent ? "{c}%" : "{c}" };
  return {
    animation: false,
    color: INK,
    aria: { enabled: true, decal: { show: bar ? false : chart.series.length > 1 } },
    tooltip: { trigger: bar ? "item" : "axis", renderMode: "richText", valueFormatter: (n) => (n == null ? chart.none : `${n} ${chart.unit}`) },
    legend: { show: chart.series.length > 1, type: "plain", top: 0 },
    grid: { left: 8, right: 48, top: 16 + 22 * legendRows(chart, width) + (bar ? 0 : 20), bottom: bar ? 24 : 8, containLabel: true },
    xAxis: bar ? numbers : names,
    yAxis: bar ? names : numbers,
    series: chart.series.map((one, n) => ({
      name: one.name,
      type: chart.kind,
      data: one.values,
      label,
      barMaxWidth: 22,
      symbol: ["circle", "rect", "triangle", "diamond"][n % 4],
      symbolSize: 7,
      lineStyle: { type: ["solid", "dashed", "dotted"][n % 3] },
    })),
  };
}

function draw(place) {
  const chart = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  place.classList.add("drawn");
  if (chart.kind === "bar" && chart.labels.length > 10) place.classList.add("tall");
  if (chart.kind === "bar" && chart.labels.length < 5) place.classList.add("low");
  const drawn = echarts.init(place, null, { renderer: "canvas" });
  const show = () => drawn.setOption(optionOf(chart, place.clientWidth), true);
  show();
  window.addEventListener("resize", () => {
    drawn.resize();
    show();
  });
}

for (const place of document.querySelectorAll("[data-chart]")) {
  const library = document.createElement("script");
  library.src = place.dataset.script;
  library.addEventListener("load", () => draw(place));
  document.head.append(library);
}
