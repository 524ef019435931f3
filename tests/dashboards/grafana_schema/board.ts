// A board as Grafana's published types have it; validate.mjs makes its schema of this.
// Where @grafana/schema says of a panel only that anything goes, the types of that panel's own plugin stand in.
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

// @grafana/schema has had no types of Prometheus' queries since they moved to @grafana/prometheus, which brings a whole
// editor along. The library for Node that is made of the same source has them alone.
interface Target extends Omit<Dataquery, "_implementsDataqueryVariant" | "refId">, Pick<DataQuery, "refId"> {}

// What follows is all that Grafana writes or reads and @grafana/schema does not list.

// What the Prometheus plugin asks of an annotation (annotations.ts in @grafana/prometheus).
interface Annotation extends raw.AnnotationQuery {
  expr?: string;
  step?: string;
  tagKeys?: string;
  textFormat?: string;
  titleFormat?: string;
}

// IntervalVariableModel and QueryVariableModel of @grafana/data; the library writes the former's into every variable.
interface Variable extends raw.VariableModel {
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
  definition?: string;
}

// Up to Grafana 12.1 the footer was a table's and not a field's; the library still writes it, and Grafana passes over it.
interface TableOptions extends table.Options {
  footer?: { countRows?: boolean; enablePagination?: boolean; fields?: string[]; reducer: string[]; show: boolean };
}
