// What Grafana's server does with a query that its data source library sends: the step, the variables of intervals and
// the request to Prometheus. This part of Grafana is written in Go and in no package.
import library from "./library.cjs";

const { rangeUtil } = library.data;

export async function answer(body, prometheus, scrapeInterval) {
  const range = { from: Number(body.from) / 1000, to: Number(body.to) / 1000 };
  const asked = body.queries.map(async (query) => {
    const executed = execute(query, range, scrapeInterval);
    return { ...executed, refId: query.refId, exemplars: query.exemplar, ...(await ask(prometheus, executed)) };
  });
  return await Promise.all(asked);
}

function execute(query, range, scrapeInterval) {
  const step = stepOf(query, range, scrapeInterval);
  const expr = filledIn(query, step, range, scrapeInterval);
  if (query.instant) return { endpoint: "query", expr, step, parameters: { query: expr, time: range.to } };
  // Both ends are cut to whole steps.
  const [start, end] = [range.from, range.to].map((time) => Math.floor(time / step) * step);
  return { endpoint: "query_range", expr, step, parameters: { query: expr, start, end, step } };
}

function stepOf(query, range, scrapeInterval) {
  const minimum = query.interval ? seconds(query.interval) : query.intervalMs / 1000 || seconds(scrapeInterval);
  const calculated = (1000 * (range.to - range.from)) / query.maxDataPoints;
  return Math.max(minimum, calculated > 1000 * minimum ? rangeUtil.roundInterval(calculated) / 1000 : 0);
}

function filledIn(query, step, range, scrapeInterval) {
  const scrape = seconds(query.interval || scrapeInterval);
  const rateInterval = Math.max(query.intervalMs / 1000 + scrape, 4 * scrape);
  return query.expr
    .replaceAll("$__interval", rangeUtil.secondsToHms(step)) // the largest unit alone
    .replaceAll("$__range", `${Math.round(range.to - range.from)}s`)
    .replaceAll("$__rate_interval", `${rateInterval}s`);
}

const seconds = (interval) => rangeUtil.intervalToSeconds(interval);

async function ask(prometheus, { endpoint, parameters }) {
  const body = new URLSearchParams(parameters);
  const response = await fetch(`${prometheus}/api/v1/${endpoint}`, { method: "POST", body });
  const { status, data, error } = await response.json();
  return status === "success" ? { result: data.result ?? data } : { error };
}

// The frames that the server returns for the library to format.
export function frames({ endpoint, expr, step, result }) {
  const resultType = endpoint === "query" ? "vector" : "matrix";
  const executedQueryString = `Expr: ${expr}\nStep: ${rangeUtil.secondsToHms(step)}`;
  return result.map(({ metric, value, values = [value] }) => ({
    schema: {
      meta: { custom: { resultType }, executedQueryString },
      fields: [
        { name: "Time", type: "time" },
        { name: "Value", type: "number", labels: metric },
      ],
    },
    data: { values: [values.map(([time]) => 1000 * time), values.map(([, number]) => Number(number))] },
  }));
}
