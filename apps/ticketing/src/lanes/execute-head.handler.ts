import { crashPoint } from '@backhaul/messaging';
import { SealError } from '@backhaul/persistence';
import { PsaError } from '@backhaul/psa';
import { Logger } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import type { OpenedPort, TicketPorts } from '../connections/ticket-ports.js';
import { backoffMs, planFailure } from './command-result.js';
import { recorded } from './recorded.js';
import type { HeadCommand, LaneRepository, Lease } from './lane.repository.js';
import type { RecordRepository } from './record.repository.js';
import {
  type CommandDone,
  FRESH_MS,
  LeaseLost,
  NotSettled,
  runCommand,
  type RunContext,
  settleMsOf,
} from './run-command.js';

export interface ExecuteSettings {
  breakerResetMs: number;
  leaseMs: number;
  /** Looks before every create and note: after a restore, the PSA has some that the database does not know. */
  looksFirst?: boolean;
}

export interface ExecuteObserver {
  called(kind: string, outcome: string, durationMs: number): void;
  duplicates(count: number): void;
}

const COUNTS_AS_FAILURE = new Set(['not_sent', 'unknown']);

/** Carries out the first command of a lane: find, mark, act, record. */
export class ExecuteHeadHandler {
  private readonly logger = new Logger('Dispatcher');

  constructor(
    private readonly lanes: LaneRepository,
    private readonly connections: ConnectionRepository,
    private readonly records: RecordRepository,
    private readonly ports: Pick<TicketPorts, 'of'>,
    private readonly settings: ExecuteSettings,
    private readonly observer: ExecuteObserver,
  ) {}

  async handle(lease: Lease): Promise<void> {
    const command = await this.lanes.head(lease);
    const connection = command && (await this.connections.find(lease.connectionId));
    // Opened since the claim: whoever probes will tell.
    if (!command || !connection || (connection.breaker === 'open' && !lease.isProbe))
      return this.giveBack(lease);
    if (connection.needsChange) return this.wait(lease, command, 'needs_change', connection);
    if (command.kind === 'create' && command.psaCompanyId === null)
      return this.wait(lease, command, 'unmapped_customer');
    let opened: OpenedPort;
    try {
      opened = this.ports.of(connection);
    } catch (error) {
      if (error instanceof SealError && error.reason === 'key_missing') return this.park(lease, command);
      if (error instanceof SealError) return this.wait(lease, command, 'sealed_secret', connection);
      if (error instanceof PsaError) return this.wait(lease, command, 'setting_missing', connection);
      throw error;
    }
    // PostgreSQL has the truth; an outage that is over may have left this one open.
    if (!opened.breaker.closed) opened.breaker.close();
    await this.execute(lease, command, opened, connection);
  }

  private async execute(
    lease: Lease,
    command: HeadCommand,
    opened: OpenedPort,
    connection: KnownConnection,
  ): Promise<void> {
    const { leaseMs } = this.settings;
    // Read before the lease begins anew, so that our deadline is never later than the row's.
    const startedAt = performance.now();
    const deadline = startedAt + leaseMs * 0.9;
    let markedAt = startedAt;
    crashPoint(`psa.${command.kind}.before-mark`);
    const mark = () => this.lanes.markSending(lease, command.commandId, leaseMs);
    const content = await recorded(deadline, mark);
    if (content === null) return this.giveBack(lease);
    crashPoint(`psa.${command.kind}.after-mark`);
    const signal = AbortSignal.timeout(Math.max(1, Math.floor(deadline - performance.now())));
    try {
      const context: RunContext = {
        port: opened.port,
        command: { ...command, content },
        wasSent: command.status !== 'planned',
        looksFirst: this.settings.looksFirst ?? false,
        settleMs: settleMsOf(opened.port.capabilities),
        signal,
        isFresh: () => performance.now() < Math.min(deadline, markedAt + FRESH_MS),
        markAgain: () => {
          markedAt = performance.now();
          return this.lanes.markAgain(lease, command.commandId);
        },
      };
      const result = await this.throughBreaker(lease, opened, () => runCommand(context));
      this.observer.called(command.kind, 'ok', performance.now() - startedAt);
      if (lease.isProbe || !connection.isWell)
        await recorded(deadline, () => this.connections.succeeded(lease.connectionId, lease.isProbe));
      await this.closeDoubles(opened, result, signal);
      if (await recorded(deadline, () => this.records.done(lease, command, result)))
        crashPoint(`psa.${command.kind}.after-commit`);
    } catch (error) {
      // Its lease ends by itself; the next owner searches first.
      if (error instanceof LeaseLost) return;
      if (error instanceof NotSettled) return this.waitToSettle(lease, error);
      if (!(error instanceof PsaError)) throw error;
      this.observer.called(command.kind, error.outcome, performance.now() - startedAt);
      await recorded(deadline, () => this.fail(lease, command, error, connection));
    }
  }

  /** Only what tells that the PSA is down counts against it; a refusal is an answer. */
  private async throughBreaker(
    lease: Lease,
    { breaker }: OpenedPort,
    work: () => Promise<CommandDone>,
  ): Promise<CommandDone> {
    const call = async (): Promise<{ done: CommandDone } | { error: unknown }> => {
      try {
        return { done: await work() };
      } catch (error) {
        if (error instanceof PsaError && COUNTS_AS_FAILURE.has(error.outcome)) throw error;
        return { error };
      }
    };
    const result = (await breaker.fire(call).catch(async (error: unknown) => {
      if (breaker.opened || lease.isProbe)
        await this.connections.open(lease.connectionId, this.settings.breakerResetMs, lease.isProbe);
      // Opened by another call since we looked: nothing was sent.
      if (error instanceof Error && CircuitBreaker.isOurError(error))
        throw new PsaError({ outcome: 'not_sent', reason: 'unreachable' });
      throw error;
    })) as Awaited<ReturnType<typeof call>>;
    if ('done' in result) return result.done;
    throw result.error;
  }

  private async waitToSettle(lease: Lease, { waitMs }: NotSettled): Promise<void> {
    await this.connections.succeeded(lease.connectionId, lease.isProbe);
    // The search is repeated meanwhile: most tickets show up long before nobody may doubt it any more.
    const delayMs = Math.min(waitMs, backoffMs(lease.attempts, Math.random()));
    await this.lanes.release(lease, { delayMs, attempts: lease.attempts + 1 });
  }

  private async fail(
    lease: Lease,
    command: HeadCommand,
    error: PsaError,
    connection: KnownConnection,
  ): Promise<void> {
    const { outcome, retryAfterMs, reason } = error;
    const { attempts, connectionId, isProbe } = lease;
    const plan = planFailure({ outcome, reason, retryAfterMs, command, attempts, jitter: Math.random() });
    if (isProbe && !COUNTS_AS_FAILURE.has(outcome)) await this.connections.answered(connectionId);
    if (plan.pauseMs !== null && outcome === 'credential')
      await this.connections.rejected(connection, plan.pauseMs, reason);
    else if (plan.pauseMs !== null) await this.connections.pause(connectionId, plan.pauseMs);
    else if (isProbe && outcome === 'definitive') await this.connections.succeeded(connectionId, isProbe);
    const isFinal = plan.status === 'dead' || plan.needsAttention;
    this.logger[isFinal || outcome === 'credential' ? 'error' : 'warn']({
      lane: lease.laneKey,
      command: command.kind,
      outcome,
      reason,
      code: error.code,
      requestId: error.vendorRequestId,
      msg: 'PSA call failed',
    });
    const said = error.vendorMessages.length > 0 ? `: ${error.vendorMessages.join(' ')}` : '';
    const isSkipped = reason === 'do_not_map';
    const state = isSkipped ? 'skipped' : isFinal || outcome === 'credential' ? 'failed' : 'pending';
    const message = isSkipped ? DO_NOT_MAP : `${WORDS[outcome]} (${reason})${said}`.slice(0, 1000);
    await this.records.failed(lease, command, plan, { state, reason, message });
  }

  /** No call can be made until the partner has done something; then the lane goes on by itself. */
  private async wait(
    lease: Lease,
    command: HeadCommand,
    reason: keyof typeof WAITS_FOR,
    connection?: KnownConnection,
  ): Promise<void> {
    const status = command.status === 'sending' ? 'unknown' : command.status;
    const plan = { status, delayMs: 0, pauseMs: null, needsAttention: true } as const;
    const told = { state: 'failed', reason, message: WAITS_FOR[reason] } as const;
    await this.records.failed(lease, command, plan, told, connection);
    await this.endProbe(lease);
  }

  /** The key that opens the credentials is missing in our settings. The partner has nothing to mend: tried again by and by. */
  private async park(lease: Lease, command: HeadCommand): Promise<void> {
    const { laneKey: lane, connectionId, attempts } = lease;
    this.logger.error({ lane, connectionId, msg: 'no key encryption key of ours opens the credentials' });
    const status = command.status === 'sending' ? 'unknown' : command.status;
    const delayMs = backoffMs(attempts, Math.random());
    const plan = { status, delayMs, pauseMs: null, needsAttention: false } as const;
    const told = { state: 'pending', reason: 'key_missing', message: KEY_MISSING } as const;
    await this.records.failed(lease, command, plan, told);
    await this.endProbe(lease);
  }

  private async giveBack(lease: Lease): Promise<void> {
    await this.lanes.release(lease);
    await this.endProbe(lease);
  }

  /** Nothing was called: the next lane is the probe. */
  private async endProbe(lease: Lease): Promise<void> {
    if (lease.isProbe) await this.connections.unprobed(lease.connectionId);
  }

  private async closeDoubles(
    { port }: OpenedPort,
    { doubles, ticket }: CommandDone,
    signal: AbortSignal,
  ): Promise<void> {
    if (doubles.length === 0) return;
    this.observer.duplicates(doubles.length);
    for (const double of doubles) {
      if (!double.isClosed)
        await port.close(double.id, `Duplicate of ${ticket?.number ?? 'an earlier ticket'}.`, signal, {
          isRetry: true,
        });
    }
  }
}

/** D26 */
const DO_NOT_MAP =
  'Ticketing is disabled: the queue is set to Do Not Map. Choose a queue, and the ticket opens by itself.';

const KEY_MISSING =
  'The platform cannot open the credentials of the PSA at the moment. Nothing is wrong with them; this goes out by itself.';

const WAITS_FOR = {
  unmapped_customer:
    'The customer is not mapped to a company of the PSA. Map it, and the ticket opens by itself.',
  needs_change:
    'The PSA connection needs a change: ConnectWise ended its SOAP interface. Enter the public and private key of an API member, and this goes out by itself.',
  sealed_secret:
    'The stored credentials of the PSA cannot be opened. Enter them again, and this goes out by itself.',
  setting_missing:
    'The PSA connection is not complete. Enter the credentials again, and this goes out by itself.',
};

const WORDS = {
  not_sent: 'The PSA could not be reached; this is tried again',
  unknown: 'The PSA gave no clear answer; it is searched before this is tried again',
  retry_after: 'The PSA asks us to wait; this is tried again',
  definitive: 'The PSA refused this',
  credential: 'The PSA does not accept the credentials',
} as const;
