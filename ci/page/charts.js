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
    axes: [axis((t) => `${t} s`), axis(show, { size: 80 })],
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
    height: 320,
    scales: {
      x: { time: false, range: [-0.7, all.length - 0.3] },
      rate: { range: (_, __, most) => [0, most * 1.1 || 1] },
      p99: { range: (_, __, most) => [0, most * 1.1 || 1] },
    },
    axes: [
      axis(name, { splits: () => names.map((_, i) => i), grid: { show: false } }),
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
