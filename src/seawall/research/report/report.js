// SPDX-License-Identifier: MIT
// Unpacks the chart library that the page carries and draws the charts in the colours
// of the reader's theme. Loads nothing.
"use strict";
(() => {
  const read = (id) => document.getElementById(id).textContent;
  const charts = JSON.parse(read("charts"));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = {};
  let printing = false;

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const names = { $paper: "panel", $grid: "faint" };
  const painted = (value) => {
    if (typeof value === "string" && value[0] === "$") return color(names[value] || value.slice(1));
    if (Array.isArray(value)) return value.map(painted);
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v)]));
    return value;
  };

  const layout = (chart, narrow) => {
    const l = painted(chart.layout);
    const ink = color("ink"), grid = color("faint"), muted = color("muted");
    for (const key of Object.keys(l).filter((k) => /^[xy]axis/.test(k))) {
      const heat = chart.traces[0].type === "heatmap";
      l[key] = {
        gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true, separatethousands: true, exponentformat: "none", showgrid: !heat,
        tickfont: { size: 11, color: muted }, ...l[key],
        title: { ...l[key].title, font: { size: 11.5, color: muted }, standoff: 6 },
      };
    }
    const margins = { l: 8, r: 12, t: l.showlegend === false ? 12 : 26, b: 8, pad: 2 };
    return {
      ...l, margin: margins, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
      hoverlabel: { bgcolor: color("panel"), bordercolor: grid, font: { color: ink, size: 12 } },
      dragmode: narrow ? false : "zoom",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: muted, activecolor: color("one") },
      legend: { font: { size: 11.5 }, bgcolor: "rgba(0,0,0,0)", ...l.legend },
    };
  };

  const draw = (chart) => {
    const narrow = innerWidth < 720;
    const pick = chosen[chart.key] || chart.groups[0];
    const traces = painted(chart.traces).map((t) =>
      chart.groups.length ? { ...t, visible: t.meta === pick } : t);
    if (narrow) for (const t of traces) if (t.type === "heatmap") delete t.texttemplate;
    const config = {
      displaylogo: false, responsive: true, displayModeBar: !printing && !narrow,
      // Only these buttons: one of the library's own sends the chart to a server.
      modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
      showSendToCloud: false, plotlyServerURL: "", topojsonURL: "",
      toImageButtonOptions: { format: "svg", filename: "seawall-" + chart.key },
    };
    return Plotly.react("chart-" + chart.key, traces, layout(chart, narrow), config);
  };
  const drawAll = () => Promise.all(charts.map(draw));

  const unpack = async () => {
    const packed = Uint8Array.from(atob(read("plotly")), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const program = document.createElement("script");
    program.textContent = await new Response(stream).text();
    document.head.appendChild(program);
  };

  const start = async () => {
    await unpack();
    await drawAll();
    for (const select of document.querySelectorAll("select[data-for]"))
      select.addEventListener("change", () => {
        chosen[select.dataset.for] = select.value;
        draw(charts.find((c) => c.key === select.dataset.for));
      });
    dark.addEventListener("change", drawAll);
    addEventListener("beforeprint", () => { printing = true; drawAll(); });
    addEventListener("afterprint", () => { printing = false; drawAll(); });
    document.documentElement.dataset.ready = String(charts.length);
  };

  start().catch((error) => {
    const box = document.getElementById("trouble");
    box.hidden = false;
    box.textContent = "The charts could not be drawn (" + error.message +
      "). A browser from 2023 or later is needed; every figure is in the tables.";
  });
})();
