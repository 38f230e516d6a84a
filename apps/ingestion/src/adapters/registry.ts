import type { Agent } from '@backhaul/domain';
import type { AgentAdapter } from './adapter.js';
import { genericAdapter } from './generic/generic.adapter.js';

/** One line an adapter: copy a folder, add its line. */
const ADAPTERS: readonly AgentAdapter[] = [genericAdapter];

const BY_AGENT = new Map(
  ADAPTERS.flatMap((adapter) => adapter.agents.map((agent) => [agent, adapter] as const)),
);

/** The adapter of an agent. An agent without its own posts the envelope or canonical JSON, as `generic` reads them. */
export function adapterFor(agent: Agent): AgentAdapter {
  return BY_AGENT.get(agent) ?? genericAdapter;
}

export function adaptedAgents(): Agent[] {
  return [...BY_AGENT.keys()];
}
