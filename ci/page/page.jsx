// What the HTML report can do where JavaScript runs: charts, and a filter over the table of cases. The
// page itself, with every verdict and number, is written by the program and needs none of this. Data
// comes from the JSON block of the page and is only ever set as text.
import { h, render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { heatMap, latencyByPercentile, models, overTime } from "./charts.js";

const data = JSON.parse(document.getElementById("chart-data").textContent);
const titles = { ns: "Latency over time", "messages/s": "Throughput over time" };
const verdicts = ["errored", "failed", "inconclusive", "passed", "skipped"];

function Chart({ title, make }) {
  const place = useRef(null);
  useEffect(() => {
    let plot;
    const draw = () => {
      plot?.destroy();
      plot = make(place.current, Math.max(280, place.current.clientWidth));
    };
    draw();
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    addEventListener("resize", draw);
    return () => {
      dark.removeEventListener("change", draw);
      removeEventListener("resize", draw);
      plot?.destroy();
    };
  }, [make]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} />
    </figure>
  );
}

const extent = (map) => map.bands.reduce((sum, band) => sum + band.interval.length, 0);

/** One case at a time, for a map has no room for a second one. */
function HeatMaps({ maps }) {
  const longest = (all) => all.reduce((best, map, i) => (extent(map) > extent(all[best]) ? i : best), 0);
  const [chosen, choose] = useState(() => longest(maps));
  const make = useMemo(() => heatMap(maps[chosen]), [chosen]);
  return (
    <div id="heat-map">
      <Chart title="Spread of latency over time, darker where more answers fell" make={make} />
      <label class="dim">
        of{" "}
        <select value={chosen} onChange={(event) => choose(Number(event.target.value))}>
          {maps.map((each, i) => (
            <option key={each.case} value={i}>
              {each.case}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Charts() {
  const all = [];
  if (data.percentiles.length > 0) {
    all.push(["Latency by percentile (log tail)", latencyByPercentile(data.percentiles)]);
  }
  if (data.models.length > 0) all.push(["Throughput and p99, server by server", models(data.models)]);
  for (const unit of new Set(data.series.map((each) => each.unit))) {
    const group = data.series.filter((each) => each.unit === unit);
    all.push([titles[unit] ?? `Over time: ${unit || "count"}`, overTime(group)]);
  }
  return (
    <div class="charts">
      {all.map(([title, make]) => (
        <Chart key={title} title={title} make={make} />
      ))}
      {data.heat_maps.length > 0 && <HeatMaps maps={data.heat_maps} />}
    </div>
  );
}

function Filter({ rows }) {
  const [text, setText] = useState("");
  const [shown, setShown] = useState(new Set(verdicts));
  const wanted = (row) =>
    shown.has(row.dataset.verdict) && row.textContent.toLowerCase().includes(text.toLowerCase());
  const count = rows.filter(wanted).length;
  useEffect(() => rows.forEach((row) => (row.hidden = !wanted(row))));
  useEffect(() => {
    const focus = (event) => {
      if (event.key !== "/" || event.target.tagName === "INPUT") return;
      event.preventDefault();
      document.getElementById("filter-text").focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const toggle = (verdict) => {
    const next = new Set(shown);
    if (!next.delete(verdict)) next.add(verdict);
    setShown(next);
  };
  return (
    <div class="filters">
      <input
        id="filter-text"
        type="search"
        placeholder="filter cases (press /)"
        aria-label="filter cases"
        value={text}
        onInput={(event) => setText(event.target.value)}
      />
      {verdicts.map((each) => (
        <label key={each} class={each}>
          <input type="checkbox" checked={shown.has(each)} onChange={() => toggle(each)} /> {each}
        </label>
      ))}
      <span class="dim" id="filter-count" aria-live="polite">{`${count} of ${rows.length}`}</span>
    </div>
  );
}

/** On paper nothing can be unfolded. */
function unfoldForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open]):not(.licences)")];
    opened.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((each) => (each.open = false)));
}

unfoldForPrint();
const rows = [...document.querySelectorAll("#cases tbody tr")];
if (rows.length > 0) render(<Filter rows={rows} />, document.getElementById("filter"));
render(<Charts />, document.getElementById("charts"));
