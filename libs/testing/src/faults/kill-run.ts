import { eventually } from '../eventually.js';
import { assertDrained } from './drain.js';
import type { OwnServer } from '../servers.js';
import type { Figures } from './invariants.js';
import { oneOf, randomOf } from './random.js';
import type { System } from './system.js';
import { whereabouts } from './whereabouts.js';
import { type Provider, PROVIDERS, SERVICES } from './topology.js';

export interface KillRun {
  kills: number;
  /** Decides the victims and the moments. */
  seed: number;
  /** How many problems, each with its kill, are under way at a time; 1 unless said. */
  atOnce?: number;
  /** Called after each kill, with their number so far. */
  onKill?: (kills: number) => void;
}

/** No promise: whatever the machine is busy with, and however much of the system is dead at a time. */
const PATIENCE_MS = 480_000;

/** One problem of one job, and what is killed while Backhaul deals with it. */
interface Episode {
  job: string;
  provider: Provider;
  index: number;
  victim: string;
  /** Some die while the ticket is on its way, some once it stands. */
  waitsForTicket: boolean;
  heals: boolean;
}

/** Random `kill -9` of services, and of the system's own servers, while problems come and go; then all that must hold. */
export async function killRun(
  system: System,
  { kills, seed, atOnce = 1, onKill }: KillRun,
): Promise<{ figures: Figures; victims: Map<string, number> }> {
  const crashes = crashesOf(system);
  const victims = new Map<string, number>();
  const episodes = episodesOf(kills, seed, [...crashes.keys()]);
  const busy = new Map<string, Promise<void>>();
  const crash = async (victim: string): Promise<void> => {
    // It may be down by another episode: what is dead cannot be killed.
    while (busy.has(victim)) await busy.get(victim);
    const done = (crashes.get(victim)?.() ?? Promise.resolve()).finally(() => busy.delete(victim));
    busy.set(victim, done);
    await done;
    victims.set(victim, (victims.get(victim) ?? 0) + 1);
    onKill?.([...victims.values()].reduce((sum, times) => sum + times, 0));
  };
  const next = episodes.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const episode of next) await live(system, episode, crash).catch(toldOf(system, episode));
    }),
  );
  return { figures: await system.invariants(PATIENCE_MS), victims };
}

/** All chances are taken before anything runs: the same seed means the same run. */
function episodesOf(kills: number, seed: number, targets: readonly string[]): Episode[] {
  const random = randomOf(seed);
  return Array.from({ length: kills }, (_, index) => ({
    index,
    job: `Kill${index}`,
    victim: oneOf(random, targets),
    provider: oneOf(random, PROVIDERS),
    heals: random() < 0.5,
    waitsForTicket: random() < 0.5,
  }));
}

function crashesOf(system: System): Map<string, () => Promise<void>> {
  const crashes = new Map<string, () => Promise<void>>();
  for (const name of SERVICES) crashes.set(name, () => system.fleet.crash(name));
  const own = [...system.ownServers()];
  for (const kind of ['postgres', 'kafka']) {
    const servers = own.flatMap(([name, server]) => (name.startsWith(kind) ? [server] : []));
    if (servers.length > 0) crashes.set(kind, oneAfterTheOther(servers));
  }
  return crashes;
}

/** Of three brokers two are a majority, one is none: each in its turn. */
function oneAfterTheOther(servers: readonly OwnServer[]): () => Promise<void> {
  let turn = 0;
  return async () => {
    const server = servers[turn++ % servers.length];
    await server?.kill();
    await server?.restart();
  };
}

async function live(
  system: System,
  { job, provider, index, victim, waitsForTicket, heals }: Episode,
  crash: (victim: string) => Promise<void>,
): Promise<void> {
  const account = system.account(provider, index);
  await system.report(account, 'failure', job);
  if (waitsForTicket)
    await eventually(async () => (await system.tickets(job)).length > 0, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 250,
    });
  const crashed = crash(victim);
  if (heals) await system.report(account, 'success', job);
  await crashed;
}

/** What went wrong, of which problem, and what was under way then. */
function toldOf(system: System, { job, provider, victim }: Episode): (error: unknown) => Promise<never> {
  return async (error) => {
    const said = error instanceof Error ? error.message : String(error);
    const left = await assertDrained(system).then(() => 'nothing is under way', String);
    const stand = await whereabouts(system);
    throw new Error(`${job} (${provider}, kills ${victim}): ${said}\n${left}\n${stand}`, { cause: error });
  };
}
