import { crashPoint } from '@backhaul/messaging';
import { SealError } from '@backhaul/persistence';
import { type BackupStatistics, PsaError, type PushResult, shownReason, wordsOf } from '@backhaul/psa';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import type { StatisticsPorts } from '../connections/statistics-ports.js';
import { type FiguresRepository, NO_FIGURES, PERIOD_DAYS } from '../results/figures.repository.js';
import type { Ended } from './ledger.js';
import type { Held, Job, Lease, PushRepository } from './push.repository.js';

export interface PushSettings {
  leaseMs: number;
  /** For which a PSA that failed is left alone; doubles with each time in a row. */
  resetMs: number;
}

export type PushObserver = (outcome: 'pushed' | 'failed' | 'held', durationMs: number) => void;

type Verdict = { ended: Ended } | { held: Held };

const COUNTED_IN_MS = 300;
const MOST_MS = 600_000;
/** Many tries with keys that the PSA refuses lock people out. */
const REFUSED_KEYS_MS = 3_600_000;
/** Before the lease ends nobody else begins. */
const LEAVE_MS = 10_000;

/**
 * Makes the PSA hold a customer's figures as they are now: find, push, record. What is written is absolute, so that a
 * push whose answer was lost, or whose worker died before it recorded, is simply done again.
 */
export class PushCustomerHandler {
  constructor(
    private readonly pushes: PushRepository,
    private readonly figures: Pick<FiguresRepository, 'of'>,
    private readonly connections: Pick<ConnectionRepository, 'ofPartner'>,
    private readonly ports: Pick<StatisticsPorts, 'push'>,
    private readonly settings: PushSettings,
    private readonly observe: PushObserver,
  ) {}

  async handle(lease: Lease): Promise<void> {
    const job = await this.pushes.load(lease);
    if (!job) return;
    if (job.isUncounted) return this.pushes.postpone(lease, COUNTED_IN_MS);
    const { partnerId, custId } = job;
    const figures = (await this.figures.of(partnerId, [custId])).get(custId) ?? NO_FIGURES;
    const isAsked = job.waiting.length > 0 || job.orderedSyncId !== null;
    if (!isAsked && isSame(figures, job.pushed ?? NO_FIGURES)) return this.pushes.drop(lease);
    const connection = await this.connections.ofPartner(partnerId);
    // Gone since it was claimed: whoever took it away has answered what waited.
    if (!connection) return this.pushes.postpone(lease, MOST_MS);
    const begunAt = performance.now();
    const verdict = await this.push(job, connection, figures);
    crashPoint('push.after-call');
    this.observe('held' in verdict ? 'held' : verdict.ended.state, performance.now() - begunAt);
    if ('held' in verdict) return this.pushes.held(job, connection, verdict.held);
    if (verdict.ended.state === 'pushed') return this.pushes.pushed(job, connection, verdict.ended);
    return this.pushes.failed(job, verdict.ended);
  }

  private async push(job: Job, connection: KnownConnection, figures: BackupStatistics): Promise<Verdict> {
    const { custId, companyId } = job;
    if (companyId === null)
      return failed(figures, 'unmapped_customer', 'The customer is not mapped to a company of the PSA.');
    const signal = AbortSignal.timeout(Math.max(1000, this.settings.leaseMs - LEAVE_MS));
    try {
      const result = await this.ports.push(connection, { custId, companyId }, figures, signal);
      return result ? verdictOf(result, figures) : failed(figures, 'nothing_to_push', 'This PSA has no report of backup statistics.'); // prettier-ignore
    } catch (error) {
      return this.afterError(error, figures);
    }
  }

  private afterError(error: unknown, figures: BackupStatistics): Verdict {
    const { resetMs: ms } = this.settings;
    const refusedKeys = { reason: 'credential', ms: REFUSED_KEYS_MS, mostMs: REFUSED_KEYS_MS };
    if (error instanceof SealError && error.reason === 'key_missing')
      return { held: { reason: 'key_missing', message: 'The stored credentials cannot be opened at the moment.', ms, mostMs: MOST_MS } }; // prettier-ignore
    if (error instanceof SealError)
      return { held: { ...refusedKeys, message: 'The stored credentials cannot be opened any more: enter them again.' } }; // prettier-ignore
    if (!(error instanceof PsaError)) throw error;
    const message = `${capitalized(wordsOf(error.reason))}.`;
    switch (error.outcome) {
      case 'definitive':
        return failed(figures, shownReason(error.reason), message);
      case 'credential':
        return { held: { ...refusedKeys, message } };
      case 'retry_after':
        return { held: { reason: 'rate_limited', message, ms: error.retryAfterMs ?? ms, mostMs: 3_600_000 } };
      case 'not_sent':
      case 'unknown':
        return { held: { reason: shownReason(error.reason), message, ms, mostMs: MOST_MS } };
    }
  }
}

function verdictOf(result: PushResult, figures: BackupStatistics): Verdict {
  if (result.state === 'refused') {
    const [first] = result.findings;
    const message = result.findings.map(({ message }) => message).join(' ');
    return failed(figures, first?.reason ?? 'refused', message);
  }
  const { successfulBackupJobs: good, failedBackupJobs: bad } = figures;
  const message = `Backup statistics pushed: ${good} successful and ${bad} failed backup jobs in ${PERIOD_DAYS} days.`;
  const { before, reportId } = result;
  return { ended: { state: 'pushed', reason: 'pushed', message, figures, before, reportId } };
}

const failed = (figures: BackupStatistics, reason: string, message: string): Verdict => ({
  ended: { state: 'failed', reason, message, figures, before: null, reportId: null },
});

const isSame = (one: BackupStatistics, other: BackupStatistics): boolean =>
  one.successfulBackupJobs === other.successfulBackupJobs && one.failedBackupJobs === other.failedBackupJobs;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
