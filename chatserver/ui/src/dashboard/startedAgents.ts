// Which call started which sub-agent.
import type { ToolCall } from "./snapshot";
import type { Step } from "./timelineRows";

const AGENT_TOOLS = new Set(["Task", "Agent"]); // the tools that start sub-agents
const MAIN = "";

/** The sub-agents that each call started, by the call's key. Without a reported run, one that names its type is preferred. */
export function startedAgents(steps: readonly Step[], byAgent: ReadonlyMap<string, Step[]>): Map<string, string[]> {
  const used = new Set<Step>();
  const started = new Map<string, string[]>();
  for (const [agentId, own] of byAgent) {
    const first = own[0];
    if (agentId === MAIN || !first) continue;
    const candidates = steps.filter(
      (step) =>
        AGENT_TOOLS.has(step.call.tool_name) && step.agentId !== agentId && !used.has(step) && !step.call.subagent &&
        step.from <= first.from && (step.to >= first.from || step.call.duration_ms === null),
    );
    const reported = steps.find((step) => step.call.subagent?.agent_id === agentId);
    const starter = reported ?? candidates.findLast((step) => requestedType(step.call) === first.agent) ?? candidates.at(-1);
    if (!starter || isDescendant(starter, agentId, started, byAgent)) continue;
    used.add(starter);
    started.set(starter.key, [...(started.get(starter.key) ?? []), agentId]);
  }
  for (const { key, call } of steps) {
    if (call.subagent && !byAgent.has(call.subagent.agent_id) && !started.has(key)) started.set(key, [call.subagent.agent_id]);
  }
  return started;
}

/** Whether a call was made by an agent that this agent started, directly or not. */
function isDescendant(step: Step, agentId: string, started: ReadonlyMap<string, string[]>, byAgent: ReadonlyMap<string, Step[]>): boolean {
  const own = byAgent.get(agentId) ?? [];
  return own.some((other) =>
    (started.get(other.key) ?? []).some((child) => child === step.agentId || isDescendant(step, child, started, byAgent)));
}

function requestedType({ parameters }: ToolCall): unknown {
  return typeof parameters === "object" && parameters !== null ? (parameters as Record<string, unknown>).subagent_type : undefined;
}
