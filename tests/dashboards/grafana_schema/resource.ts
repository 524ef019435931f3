// The type of a board as a resource of the schema v2, from Grafana's published types.
// They allow anything in the options of panels and queries, which are those of the classic boards.
import type { Spec } from "@grafana/schema/apis/dashboard.grafana.app/v2";

export interface Resource {
  apiVersion: "dashboard.grafana.app/v2";
  kind: "Dashboard";
  metadata: { name: string };
  spec: Spec;
}
