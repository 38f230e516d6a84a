import { eventually } from '../eventually.js';
import type { Figures } from './invariants.js';
import { oneOf, randomOf } from './random.js';
import type { System } from './system.js';
import { PROVIDERS, SERVICES } from './topology.js';

export interface KillRun {
  kills: number;
  /** Decides the victims and the moments. */
  seed: number;
}

/** Random `kill -9` of services while problems come and go; then all that must hold. */
export async function killRun(
  system: System,
  { kills, seed }: KillRun,
): Promise<{ figures: Figures; victims: Map<string, number> }> {
  const random = randomOf(seed);
  const victims = new Map<string, number>();
  for (let kill = 0; kill < kills; kill += 1) {
    const job = `Kill${kill}`;
    const victim = oneOf(random, SERVICES);
    const heals = random() < 0.5;
    const account = system.account(oneOf(random, PROVIDERS), kill);
    await system.report(account, 'failure', job);
    // Some die while the ticket is on its way, some once it stands.
    if (random() < 0.5)
      await eventually(async () => (await system.tickets(job)).length > 0, { timeoutMs: 120_000 });
    const crash = system.fleet.crash(victim);
    if (heals) await system.report(account, 'success', job);
    await crash;
    victims.set(victim, (victims.get(victim) ?? 0) + 1);
  }
  return { figures: await system.invariants(240_000), victims };
}
