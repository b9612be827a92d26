// Reads an HdrHistogram log with an implementation that is not ours: node hlog.cjs FILE
// Prints, for each line: tag, count, value at the 99th percentile, greatest value.
const { readFileSync } = require("node:fs");
const { HistogramLogReader } = require("hdr-histogram-js");

const reader = new HistogramLogReader(readFileSync(process.argv[2], "utf8"));
for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram()) {
  console.log(next.tag, next.totalCount, next.getValueAtPercentile(99), next.maxValue);
}
