// Ask the queries of boards as Grafana does: node ask.mjs < JOB.json
// JOB: {prometheus, boards: [paths], views}; grafana_library.py has what a view consists of.
// Prints a line of JSON for each variable, each query of a panel and each annotation, in each view.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { from, lastValueFrom, map, toArray } from "rxjs";
import { answer, frames } from "./backend.mjs";
import library from "./library.cjs";

const { PrometheusDatasource, data, runtime, scenes } = library;
const SETTINGS = { id: 1, uid: "prometheus", name: "Prometheus", type: "prometheus", access: "proxy", meta: {} };
const ANNOTATION_POINTS = 100; // what Grafana asks for, whatever the width

const job = JSON.parse(readFileSync(0, "utf8"));
const boards = job.boards.map((path) => ({ name: basename(path, ".json"), ...JSON.parse(readFileSync(path, "utf8")) }));
runtime.setEchoSrv({ addEvent() {}, addBackend() {}, flush() {} });
runtime.setRunRequest((_, request, query) => query(request).pipe(map(({ data }) => ({ state: "Done", series: data }))));

for (const view of job.views) {
  Object.assign(runtime.config.featureToggles, { prometheusSpecialCharsInLabelValues: false, ...view.toggles });
  for (const board of boards) {
    const source = await connect(board, view);
    if (view.editorWasOpen) await source.prometheus.languageProvider.start(); // loads the names of metrics
    for (const panel of board.panels) if (panel.targets) await askPanel(source, panel, view, board);
    for (const annotation of board.annotations.list) await askAnnotation(source, annotation, view, board);
  }
}
process.exit(0); // timers of the document would keep the process alive

// A data source that interpolates the variables of the board, and what it has last answered.
async function connect(board, view) {
  const source = { answers: [] };
  const jsonData = { httpMethod: "POST", timeInterval: view.scrapeInterval };
  const settings = { ...SETTINGS, jsonData };
  const scene = sceneOf(board, view);
  const interpolation = {
    replace: (text, scoped, format) => (text ? scenes.sceneGraph.interpolate(scene, text, scoped, format) : ""),
    getVariables: () => [],
  };
  runtime.setTemplateSrv(interpolation);
  source.prometheus = new PrometheusDatasource(settings, interpolation);
  runtime.setDataSourceSrv({ getInstanceSettings: () => settings, get: async () => source.prometheus });
  const isResource = ({ url }) => url.includes("/resources/");
  const answerTo = (request) => (isResource(request) ? fetchResource(request) : fetchFrames(source, request, view));
  runtime.setBackendSrv({ fetch: (request) => from(answerTo(request)) });
  for (const variable of scene.state.$variables.state.variables) await update(variable, view, board);
  return source;
}

async function update(variable, view, board) {
  await lastValueFrom(variable.validateAndUpdate(), { defaultValue: undefined });
  const { name: title, options, error } = variable.state;
  const names = options.map(({ value }) => value);
  print({ view: view.name, board: board.name, title, kind: "variable", names, error: error ?? "" });
}

function sceneOf(board, { from, to, selected = {} }) {
  const variables = board.templating.list
    .filter(({ type }) => type === "query")
    .map(({ name, query, regex, allValue, multi, includeAll }) => {
      const [value, datasource] = [selected[name] ?? ["$__all"], { uid: SETTINGS.uid }];
      const choice = { isMulti: multi, includeAll, allValue, value, text: value };
      return new scenes.QueryVariable({ name, datasource, query, regex, ...choice });
    });
  const range = { from: new Date(1000 * from).toISOString(), to: new Date(1000 * to).toISOString() };
  return new scenes.EmbeddedScene({
    $variables: new scenes.SceneVariableSet({ variables }),
    $timeRange: new scenes.SceneTimeRange(range),
    body: new scenes.SceneFlexLayout({ children: [] }),
  });
}

async function fetchFrames(source, request, view) {
  source.answers = await answer(request.data, job.prometheus, view.scrapeInterval);
  const results = source.answers.map((one) => [one.refId, one.error ? { error: one.error } : { frames: frames(one) }]);
  return { data: { results: Object.fromEntries(results) }, status: 200, ok: true };
}

async function fetchResource({ url, params, data: body }) {
  const address = `${job.prometheus}/${url.split("/resources/")[1]}`;
  const response = await fetch(`${address}?${new URLSearchParams(params ?? body)}`);
  if (!response.ok) throw new Error(await response.text());
  return { data: await response.json(), status: response.status, ok: true };
}

async function askPanel(source, panel, view, board) {
  const request = requestOf(source, panel.targets, view, panel.maxDataPoints ?? view.width, panel.interval);
  const response = await lastValueFrom(source.prometheus.query({ ...request, panelId: panel.id }));
  for (const { refId: query, result, parameters, ...asked } of source.answers) {
    const shown = response.data.filter(({ refId }) => refId === query);
    const names = shown.flatMap((frame) => frame.fields.slice(1).map((one) => data.getFieldDisplayName(one, frame)));
    const until = parameters.time ?? parameters.end;
    print({ view: view.name, board: board.name, title: panel.title, kind: panel.type, query, ...asked, until, names });
  }
}

async function askAnnotation(source, annotation, view, board) {
  const support = source.prometheus.annotations;
  const prepared = support.prepareAnnotation(structuredClone(annotation));
  const request = requestOf(source, [prepared.target], view, ANNOTATION_POINTS);
  const response = await lastValueFrom(source.prometheus.query(request));
  // What the library processes of no frames would never end.
  const processed = response.data.length ? support.processEvents(prepared, response.data) : from([]);
  const events = await lastValueFrom(processed.pipe(toArray()));
  const [{ refId: query, result, parameters, ...asked }] = source.answers;
  const names = events.flat().map(({ title }) => title);
  print({ view: view.name, board: board.name, title: annotation.name, kind: "annotation", query, ...asked, names });
}

// As the panels of Grafana make it.
function requestOf({ prometheus }, targets, view, maxDataPoints, minInterval = prometheus.interval) {
  const [from, to] = [view.from, view.to].map((time) => data.dateTime(1000 * time));
  const range = { from, to, raw: { from, to } };
  const { interval, intervalMs } = data.rangeUtil.calculateInterval(range, maxDataPoints, minInterval);
  const scopedVars = { __interval: { value: interval }, __interval_ms: { value: intervalMs } };
  const queries = targets.map((target) => ({ ...target, datasource: prometheus.getRef() }));
  const asking = { app: "dashboard", requestId: "1", timezone: "utc", startTime: Date.now() };
  return { ...asking, range, interval, intervalMs, maxDataPoints, scopedVars, targets: queries, filters: view.filters };
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
