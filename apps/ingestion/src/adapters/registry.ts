import type { Agent } from '@backhaul/domain';
import type { AgentAdapter } from './adapter.js';
import { ahsayAdapter } from './ahsay/ahsay.adapter.js';
import { bareosAdapter } from './bareos/bareos.adapter.js';
import { borgAdapter } from './borg/borg.adapter.js';
import { cometAdapter } from './comet/comet.adapter.js';
import { duplicatiAdapter } from './duplicati/duplicati.adapter.js';
import { genericAdapter } from './generic/generic.adapter.js';
import { kopiaAdapter } from './kopia/kopia.adapter.js';
import { proxmoxBackupAdapter, proxmoxVeAdapter } from './proxmox/proxmox.adapter.js';
import { resticAdapter } from './restic/restic.adapter.js';
import { urbackupAdapter } from './urbackup/urbackup.adapter.js';
import { veeamAdapter } from './veeam/veeam.adapter.js';

/** One line an adapter: copy a folder, add its line. */
const ADAPTERS: readonly AgentAdapter[] = [
  ahsayAdapter,
  bareosAdapter,
  borgAdapter,
  cometAdapter,
  duplicatiAdapter,
  genericAdapter,
  kopiaAdapter,
  proxmoxBackupAdapter,
  proxmoxVeAdapter,
  resticAdapter,
  urbackupAdapter,
  veeamAdapter,
];

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
