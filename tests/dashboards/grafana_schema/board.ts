// The type of a board, from Grafana's published types; validate.mjs generates a schema from it.
// @grafana/schema allows anything in a panel's options, so they have the types of the panel's plugin instead.
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import type { DataQuery } from "@grafana/schema";
import type * as bargauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as heatmap from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";
import type * as raw from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";

export interface Board extends Omit<raw.Dashboard, "annotations" | "panels" | "templating"> {
  annotations?: { list?: Annotation[] };
  panels?: Placed[];
  templating?: { list?: Variable[] };
}

/** @discriminator type */
type Placed = Panel | Row;

interface Row extends Omit<raw.RowPanel, "panels"> {
  panels: Panel[];
}

/** @discriminator type */
type Panel =
  | PanelOf<"bargauge", bargauge.Options, NoFieldConfig>
  | PanelOf<"heatmap", heatmap.Options, heatmap.FieldConfig>
  | PanelOf<"stat", stat.Options, NoFieldConfig>
  | PanelOf<"table", TableOptions, table.FieldConfig>
  | PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>;

interface PanelOf<Type, Options, Custom> extends Omit<raw.Panel, "fieldConfig" | "options" | "targets" | "type"> {
  fieldConfig?: FieldConfigs<Custom>;
  options?: Options;
  targets?: Target[];
  type: Type;
}

interface FieldConfigs<Custom> extends Omit<raw.FieldConfigSource, "defaults"> {
  defaults: FieldConfig<Custom>;
}

interface FieldConfig<Custom> extends Omit<raw.FieldConfig, "custom"> {
  custom?: Custom;
}

interface NoFieldConfig {}

// The types of Prometheus queries have moved from @grafana/schema to @grafana/prometheus, which depends on a whole
// editor. grafana-foundation-sdk, generated from the same source, has the types alone.
interface Target extends Omit<Dataquery, "_implementsDataqueryVariant" | "refId">, Pick<DataQuery, "refId"> {}

// All properties below are written or read by Grafana, and missing from @grafana/schema.

// Read by the Prometheus plugin (annotations.ts in @grafana/prometheus).
interface Annotation extends raw.AnnotationQuery {
  expr?: string;
  step?: string;
  tagKeys?: string;
  textFormat?: string;
  titleFormat?: string;
}

// Of IntervalVariableModel and QueryVariableModel in @grafana/data; the library writes those of the former into every variable.
interface Variable extends raw.VariableModel {
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
  definition?: string;
}

// Up to Grafana 12.1 the footer was an option of the table; the library still writes it, and Grafana ignores it.
interface TableOptions extends table.Options {
  footer?: { countRows?: boolean; enablePagination?: boolean; fields?: string[]; reducer: string[]; show: boolean };
}
