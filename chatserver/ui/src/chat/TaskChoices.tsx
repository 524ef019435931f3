// Model, permission mode, workspace, agent and budget of the next task: one line, which opens to choose.
import { useId, type ReactNode } from "react";
import { dollars } from "../shared/format";
import { modeName, workspaceName, type Choices, type TaskOptions } from "./choices";
import { useChat, useClient } from "./hooks";
import "./choices.css";

export function TaskChoices() {
  const { taskOptions, choices, chats, open } = useChat();
  const client = useClient();
  if (!taskOptions) return null;
  const fixed = chats.find((chat) => chat.session_id === open)?.workspace ?? "";
  const set = (change: Partial<Choices>) => client.choose(change);
  return (
    <details className="choices">
      <summary>
        <span className="visually-hidden">Options of the next task: </span>
        <span className="facts faint">{factsOf(taskOptions, choices, fixed).map((fact) => <span key={fact}>{fact}</span>)}</span>
      </summary>
      <div className="choice-fields">
        <Model options={taskOptions} value={choices.model} onChange={(model) => set({ model })} />
        <Choice label="Permission mode" value={choices.permission_mode} onChange={(permission_mode) => set({ permission_mode })}>
          <option value="">{defaultName(taskOptions.default_permission_mode && modeName(taskOptions.default_permission_mode))}</option>
          {taskOptions.permission_modes.filter((mode) => mode !== taskOptions.default_permission_mode).map((mode) => (
            <option key={mode} value={mode}>{modeName(mode)}</option>
          ))}
        </Choice>
        <Workspace options={taskOptions} value={choices.workspace} fixed={fixed} onChange={(workspace) => set({ workspace })} />
        <Suggested label="Agent" value={choices.agent} suggestions={taskOptions.agents} placeholder="Default" onChange={(agent) => set({ agent })} />
        <Budget max={taskOptions.max_budget_usd} value={choices.budget} onChange={(budget) => set({ budget })} />
      </div>
    </details>
  );
}

function factsOf(options: TaskOptions, { model, permission_mode: mode, workspace, agent, budget }: Choices, fixed: string): string[] {
  const shownMode = mode || options.default_permission_mode;
  const shownWorkspace = fixed || workspace || options.workspaces[0];
  return [
    model || options.default_model || "Default model",
    shownMode ? modeName(shownMode) : "Default permissions",
    ...(shownWorkspace ? [workspaceName(shownWorkspace, options.workspaces)] : []),
    ...(agent ? [`Agent ${agent}`] : []),
    ...(Number(budget) > 0 ? [`up to ${dollars(Number(budget))}`] : []),
  ];
}

function defaultName(name: string): string {
  return name ? `Default: ${name}` : "Default";
}

interface FieldProps {
  value: string;
  onChange: (value: string) => void;
}

function Model({ options, value, onChange }: FieldProps & { options: TaskOptions }) {
  const { models, default_model: name } = options;
  if (models.length === 0) {
    const suggestions = ["opus", "sonnet", "haiku"];
    return <Suggested label="Model" value={value} suggestions={suggestions} placeholder={defaultName(name)} onChange={onChange} />;
  }
  return (
    <Choice label="Model" value={value} onChange={onChange}>
      <option value="">{defaultName(name)}</option>
      {models.filter((model) => model !== name).map((model) => <option key={model} value={model}>{model}</option>)}
    </Choice>
  );
}

function Workspace({ options, value, fixed, onChange }: FieldProps & { options: TaskOptions; fixed: string }) {
  const { workspaces } = options;
  if (fixed) {
    return (
      <Choice label="Workspace of this conversation" value={fixed} onChange={onChange} disabled>
        <option value={fixed}>{workspaceName(fixed, workspaces)}</option>
      </Choice>
    );
  }
  return (
    <Choice label="Workspace" value={value} onChange={onChange}>
      {workspaces.map((path, index) => (
        <option key={path} value={index === 0 ? "" : path} title={path}>{workspaceName(path, workspaces)}</option>
      ))}
    </Choice>
  );
}

function Budget({ max, value, onChange }: FieldProps & { max: number | null }) {
  const id = useId();
  return (
    <p>
      <label htmlFor={id}>Budget in US$</label>
      <input
        id={id} className="field" type="number" min="0.01" step="any" max={max ?? undefined} inputMode="decimal" value={value}
        placeholder={max === null ? "No limit" : `Up to ${dollars(max)}`} onChange={(event) => onChange(event.target.value)}
      />
    </p>
  );
}

function Choice({ label, value, onChange, disabled = false, children }: FieldProps & { label: string; disabled?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <p>
      <label htmlFor={id}>{label}</label>
      <select id={id} className="field" value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>{children}</select>
    </p>
  );
}

interface SuggestedProps extends FieldProps {
  label: string;
  suggestions: readonly string[];
  placeholder: string;
}

function Suggested({ label, value, suggestions, placeholder, onChange }: SuggestedProps) {
  const id = useId();
  return (
    <p>
      <label htmlFor={id}>{label}</label>
      <input
        id={id} className="field" list={`${id}-list`} value={value} placeholder={placeholder} maxLength={128}
        autoCapitalize="none" autoComplete="off" spellCheck={false} onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={`${id}-list`}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>
    </p>
  );
}
