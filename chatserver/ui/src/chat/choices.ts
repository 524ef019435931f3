// What the user chooses for the tasks of their messages, within what the server allows.

/** The JSON of /api/task_options; an empty default is Claude Code's, and no models means any. */
export interface TaskOptions {
  models: string[];
  default_model: string;
  permission_modes: string[];
  default_permission_mode: string;
  workspaces: string[];
  agents: string[];
  max_budget_usd: number | null;
}

/** Empty values leave the choice to the server. */
export interface Choices {
  model: string;
  permission_mode: string;
  workspace: string;
  agent: string;
  budget: string;
}

export const NO_CHOICES: Choices = { model: "", permission_mode: "", workspace: "", agent: "", budget: "" };

export const MODE_NAMES: Record<string, string> = {
  plan: "Plan only",
  dontAsk: "Allowed tools only",
  manual: "Manual approval",
  acceptEdits: "Accept edits",
  auto: "Auto mode",
  bypassPermissions: "Bypass permissions",
};

export function modeName(mode: string): string {
  return MODE_NAMES[mode] ?? mode;
}

/** The last parts of a path, as far as they tell it from the others. */
export function workspaceName(path: string, all: readonly string[]): string {
  const parts = path.split("/");
  for (let count = 1; count < parts.length; count++) {
    const name = parts.slice(-count).join("/");
    if (!all.some((other) => other !== path && other.endsWith(`/${name}`))) return name;
  }
  return path;
}

/** The choices as a message carries them: what was chosen, and nothing else. */
export function optionsOf({ budget, ...texts }: Choices): Record<string, string | number> {
  const chosen: Record<string, string | number> = {};
  for (const [name, text] of Object.entries(texts)) if (text.trim()) chosen[name] = text.trim();
  if (Number(budget) > 0) chosen.max_budget_usd = Number(budget);
  return chosen;
}
