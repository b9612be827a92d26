// One function a chart: takes its data, returns a function that draws it into a place of some width.
import uPlot from "uplot";

const colours = ["#0969da", "#cf222e", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#1b7c83", "#bc4c00"];
const colour = (i) => colours[i % colours.length];

function time(ns) {
  if (ns == null) return "–";
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
    if (Math.abs(ns) >= size) return `${+(ns / size).toPrecision(3)} ${unit}`;
  }
  return `${+ns.toPrecision(3)} ns`;
}

function number(value) {
  return value == null ? "–" : value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

const shower = (unit) => (unit === "ns" ? time : (value) => number(value) + (unit ? ` ${unit}` : ""));

function ink() {
  const style = getComputedStyle(document.documentElement);
  return { text: style.getPropertyValue("--dim").trim(), line: style.getPropertyValue("--line").trim() };
}

function axis(show, extra) {
  const { text, line } = ink();
  return {
    stroke: text,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line },
    values: (_, splits) => splits.map((value) => (value == null ? "" : show(value))),
    ...extra,
  };
}

/** Puts curves with x values of their own over one common axis. */
function joined(curves) {
  return uPlot.join(curves.map((each) => [each.x, each.y]));
}

const label = (each) => `${each.case} ${each.name}`;

function percentile(x) {
  const share = 100 * (1 - 1 / x);
  return `p${+share.toFixed(Math.max(0, Math.ceil(Math.log10(x)) - 1))}`;
}

export function latencyByPercentile(curves) {
  const options = (width) => ({
    width,
    height: 320,
    scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
    axes: [
      axis(percentile, { filter: (_, splits) => splits.map((v) => (Number.isInteger(Math.log10(v)) ? v : null)) }),
      axis(time, { size: 70, filter: (_, splits) => splits.map((v) => (/^[125]/.test(String(v)) ? v : null)) }),
    ],
    series: [
      { label: "percentile", value: (_, x) => (x == null ? "–" : percentile(x)) },
      ...curves.map((each, i) => ({
        label: label(each),
        stroke: colour(i),
        width: 2,
        spanGaps: true,
        dash: each.name === "intended" ? undefined : [6, 4],
        value: (_, y) => time(y),
      })),
    ],
  });
  return (place, width) => new uPlot(options(width), joined(curves), place);
}

export function overTime(curves) {
  const show = shower(curves[0].unit);
  const options = (width) => ({
    width,
    height: 260,
    scales: { x: { time: false } },
    axes: [axis((t) => `${number(t)} s`), axis(curves[0].unit === "ns" ? time : number, { size: 80 })],
    series: [
      { label: "time", value: (_, t) => (t == null ? "–" : `${number(t)} s`) },
      ...curves.map((each, i) => ({
        label: label(each),
        stroke: colour(i),
        width: 1.5,
        spanGaps: true,
        value: (_, y) => show(y),
      })),
    ],
  });
  return (place, width) => new uPlot(options(width), joined(curves), place);
}

/** Two bars a server: how many messages a second, and how long one in a hundred waits. */
export function models(all) {
  const names = all.map((each) => each.name);
  const bar = (align) => uPlot.paths.bars({ size: [0.35, 60], align });
  const name = (i) => names[i] ?? "";
  const options = (width) => ({
    width,
    height: 380,
    scales: {
      x: { time: false, range: [-0.7, all.length - 0.3] },
      rate: { range: (_, __, most) => [0, most * 1.1 || 1] },
      p99: { range: (_, __, most) => [0, most * 1.1 || 1] },
    },
    axes: [
      axis(name, { splits: () => names.map((_, i) => i), grid: { show: false }, rotate: -30, size: 100 }),
      axis((v) => number(v), { scale: "rate", size: 80, label: "messages/s", labelSize: 20 }),
      axis(time, { scale: "p99", side: 1, size: 80, grid: { show: false }, label: "p99", labelSize: 20 }),
    ],
    series: [
      { label: "server", value: (_, i) => name(i) },
      { label: "messages/s", scale: "rate", stroke: colour(0), fill: colour(0) + "80", paths: bar(-1), points: { show: false }, value: (_, v) => number(v) },
      { label: "p99", scale: "p99", stroke: colour(3), fill: colour(3) + "80", paths: bar(1), points: { show: false }, value: (_, v) => time(v) },
    ],
  });
  const values = [names.map((_, i) => i), all.map((each) => each.rate), all.map((each) => each.p99_ns)];
  return (place, width) => new uPlot(options(width), values, place);
}

const shades = ["1a", "33", "4d", "66", "80", "99", "b3", "cc", "e6", "ff"];

/** Darker where more answers fell; on a log scale, or the slow few would not be seen. */
function shade(count, most) {
  const share = most > 1 ? Math.log(count) / Math.log(most) : 1;
  return colours[0] + shades[Math.min(shades.length - 1, Math.floor(share * shades.length))];
}

/** Latency over time: a column an interval, a row a band of latency, as dark as answers fell there. */
export function heatMap({ width: seconds, bands }) {
  const greatest = (lists) => lists.flat().reduce((a, b) => Math.max(a, b), 0);
  const columns = 1 + greatest(bands.map((band) => band.interval));
  const times = Array.from({ length: columns }, (_, i) => i * seconds);
  const most = greatest(bands.map((band) => band.count));
  const counts = bands.map((band) => {
    const row = new Array(columns).fill(null);
    band.interval.forEach((at, i) => (row[at] = band.count[i]));
    return row;
  });
  const cells = ({ from, to }, row) =>
    uPlot.paths.bars({
      disp: {
        x0: { unit: 1, values: () => times },
        size: { unit: 1, values: () => [seconds] },
        y0: { unit: 1, values: () => row.map((count) => (count == null ? null : from)) },
        y1: { unit: 1, values: () => row.map((count) => (count == null ? null : to)) },
        fill: { unit: 3, values: () => row.map((count) => (count == null ? null : shade(count, most))) },
      },
    });
  const options = (width) => ({
    width,
    height: 320,
    scales: {
      x: { time: false, range: [0, columns * seconds] },
      y: { distr: 3, range: [bands[0].from, bands[bands.length - 1].to] },
    },
    axes: [
      axis((t) => `${number(t)} s`),
      axis(time, { size: 80, filter: (_, splits) => splits.map((v) => (/^[125]/.test(String(v)) ? v : null)) }),
    ],
    series: [
      { label: "from", value: (_, t) => (t == null ? "–" : `${number(t)} s`) },
      ...bands.map((band, i) => ({
        label: `${time(band.from)} – ${time(band.to)}`,
        width: 0,
        fill: colours[0],
        paths: cells(band, counts[i]),
        points: { show: false },
        value: (_, count) => number(count),
      })),
    ],
  });
  return (place, width) => new uPlot(options(width), [times, ...counts], place);
}
