import type { Clock } from '@backhaul/domain';
import { Repeated, SealError } from '@backhaul/persistence';
import { PsaError } from '@backhaul/psa';
import { Logger } from '@nestjs/common';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import type { CallBudget } from '../setup/call-budget.js';
import { companyProblems } from '../setup/company-problems.js';
import type { SetupPorts } from '../setup/setup-ports.js';
import type { CheckedCompany, DueMap, MapCheckRepository, MappedCompany } from './map-check.repository.js';

export interface MapWatchParts {
  maps: MapCheckRepository;
  connections: ConnectionRepository;
  budget: CallBudget;
  ports: Pick<SetupPorts, 'with'>;
  clock: Clock;
  /** Each map once in so long. */
  everyMs: number;
}

/** So many companies are one request to ConnectWise. */
const AT_ONCE = 60;
/** Half of the burst that a connection has: the rest is for tickets and people. */
const LEAST_CALLS = 10;
const ASK_MS = 20_000;
const BUSY_MS = 60_000;
const FAILED_MS = 3_600_000;
const LONGEST_PAUSE_MS = 60_000;

/** Looks now and then whether the companies of customer maps are still there, before a ticket needs one. */
export class MapWatch {
  private readonly logger = new Logger('MapWatch');
  private readonly rounds: Repeated;

  constructor(private readonly parts: MapWatchParts) {
    this.rounds = new Repeated(
      async () => {
        await this.run();
        return false;
      },
      Math.min(LONGEST_PAUSE_MS, parts.everyMs),
      (error) => this.logger.warn(`A look at customer maps failed: ${String(error)}; the next one goes on`),
    );
  }

  start(): void {
    this.rounds.start();
  }

  /** Waits for the question under way. */
  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** All maps that are due, one after the other. */
  async run(): Promise<void> {
    const { maps, everyMs } = this.parts;
    const { signal } = this.rounds;
    for (let due = await maps.claim(everyMs); due && !signal.aborted; due = await maps.claim(everyMs))
      for (let at: DueMap | null = due; at && !signal.aborted;) at = await this.step(at);
  }

  /** The next companies of one map; null when there is no more to do for now. */
  private async step(due: DueMap): Promise<DueMap | null> {
    const { maps, connections, budget } = this.parts;
    const mapped = await maps.next(due, AT_ONCE);
    const connection = mapped.length === 0 ? null : await connections.find(due.connectionId);
    if (!connection) return this.end(maps.finish(due));
    const refused = await budget.take(due.connectionId, LEAST_CALLS);
    if (refused) return this.end(maps.defer(due, Math.max(BUSY_MS, refused.waitS * 1000)));
    try {
      // Before the question: what is saved while the PSA answers is newer than its answer.
      const at = this.parts.clock.now().toISOString();
      return await maps.tell(due, await this.look(connection, mapped), at);
    } catch (error) {
      return this.end(this.failed(due, error));
    }
  }

  private async look(
    connection: KnownConnection,
    mapped: readonly MappedCompany[],
  ): Promise<CheckedCompany[]> {
    const ids = mapped.map(({ psaCompanyId }) => psaCompanyId);
    const found = await this.parts.ports.with(connection, (port) =>
      port.companies(ids, AbortSignal.timeout(ASK_MS)),
    );
    const companies = new Map(found.map((company) => [company.id, company]));
    return mapped.map((row) => ({ ...row, problems: companyProblems(companies.get(row.psaCompanyId)) }));
  }

  private async failed(due: DueMap, error: unknown): Promise<void> {
    if (!(error instanceof PsaError) && !(error instanceof SealError)) throw error;
    const { connectionId } = due;
    this.logger.warn({ connectionId, reason: error.reason, msg: 'A customer map was not looked at' });
    // The limit is the same for tickets: they wait as well.
    if (error instanceof PsaError && error.outcome === 'retry_after')
      await this.parts.connections.pause(connectionId, error.retryAfterMs ?? 30_000);
    // Many tries with refused keys lock people out; tickets have theirs.
    const isRefused = error instanceof PsaError && error.outcome === 'credential';
    await this.parts.maps.defer(due, isRefused ? this.parts.everyMs : FAILED_MS);
  }

  private async end(work: Promise<void>): Promise<null> {
    await work;
    return null;
  }
}
