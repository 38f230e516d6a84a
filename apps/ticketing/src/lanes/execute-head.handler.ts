import { crashPoint } from '@backhaul/messaging';
import { SealError } from '@backhaul/persistence';
import { PsaError } from '@backhaul/psa';
import { Logger } from '@nestjs/common';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import type { OpenedPort, TicketPorts } from '../connections/ticket-ports.js';
import { planFailure } from './command-result.js';
import type { HeadCommand, LaneRepository, Lease } from './lane.repository.js';
import type { RecordRepository } from './record.repository.js';
import { type CommandDone, LeaseLost, NotSettled, runCommand } from './run-command.js';

export interface ExecuteSettings {
  breakerResetMs: number;
  leaseMs: number;
}

export interface ExecuteObserver {
  called(kind: string, outcome: string, durationMs: number): void;
  duplicates(count: number): void;
}

/** A lost connection of another process may have left a breaker open here; the row in PostgreSQL decides. */
const COUNTS_AS_FAILURE = new Set(['not_sent', 'unknown']);

/** Carries out the first command of a lane: find, mark, act, record. */
export class ExecuteHeadHandler {
  private readonly logger = new Logger('Dispatcher');

  constructor(
    private readonly lanes: LaneRepository,
    private readonly connections: ConnectionRepository,
    private readonly records: RecordRepository,
    private readonly ports: TicketPorts,
    private readonly settings: ExecuteSettings,
    private readonly observer: ExecuteObserver,
  ) {}

  async handle(lease: Lease): Promise<void> {
    const deadline = performance.now() + this.settings.leaseMs;
    const command = await this.lanes.head(lease);
    const connection = command && (await this.connections.find(lease.connectionId));
    if (!command || !connection) return this.lanes.release(lease);
    if (command.kind === 'create' && command.psaCompanyId === null) return this.unmapped(lease, command);
    let opened: OpenedPort;
    try {
      opened = this.ports.of(connection);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return this.lanes.setAttention(lease, 'sealed_secret');
    }
    await this.execute(lease, command, opened, deadline);
  }

  private async execute(
    lease: Lease,
    command: HeadCommand,
    opened: OpenedPort,
    deadline: number,
  ): Promise<void> {
    const { searchLagMs, requestTimeoutMs } = opened.port.capabilities;
    const settleMs = requestTimeoutMs + searchLagMs + 2000;
    crashPoint(`psa.${command.kind}.before-mark`);
    if (!(await this.lanes.markSending(lease, command.commandId))) return this.lanes.release(lease);
    crashPoint(`psa.${command.kind}.after-mark`);
    const startedAt = performance.now();
    // Past its lease a worker must not call: another may own the lane.
    const signal = AbortSignal.timeout(
      Math.max(1, Math.floor(deadline - startedAt - this.settings.leaseMs / 10)),
    );
    try {
      const context = {
        port: opened.port,
        command,
        wasSent: command.status !== 'planned',
        settleMs,
        signal,
        markAgain: () => this.lanes.markSending(lease, command.commandId, true),
      };
      const result = await this.throughBreaker(lease, opened, () => runCommand(context));
      this.observer.called(command.kind, 'ok', performance.now() - startedAt);
      await this.connections.succeeded(lease.connectionId);
      await this.closeDoubles(opened, result, signal);
      if (await this.records.done(lease, command, result)) crashPoint(`psa.${command.kind}.after-commit`);
    } catch (error) {
      if (error instanceof NotSettled) {
        await this.connections.succeeded(lease.connectionId);
        return this.lanes.release(lease, { delayMs: error.waitMs, attempts: lease.attempts });
      }
      if (error instanceof LeaseLost) return;
      if (!(error instanceof PsaError)) throw error;
      this.observer.called(command.kind, error.outcome, performance.now() - startedAt);
      await this.fail(lease, command, error, settleMs);
    }
  }

  /** Only what tells that the PSA is down counts against it; a refusal is an answer. */
  private async throughBreaker(
    lease: Lease,
    { breaker }: OpenedPort,
    work: () => Promise<CommandDone>,
  ): Promise<CommandDone> {
    if (!breaker.closed) breaker.close();
    const result = (await breaker
      .fire(async () => {
        try {
          return { done: await work() };
        } catch (error) {
          if (error instanceof PsaError && COUNTS_AS_FAILURE.has(error.outcome)) throw error;
          return { error };
        }
      })
      .catch(async (error: unknown) => {
        if (breaker.opened || lease.isProbe)
          await this.connections.open(lease.connectionId, this.settings.breakerResetMs);
        throw error;
      })) as { done?: CommandDone; error?: unknown };
    if (result.done) return result.done;
    throw result.error;
  }

  private async fail(lease: Lease, command: HeadCommand, error: PsaError, settleMs: number): Promise<void> {
    const { outcome, retryAfterMs, reason } = error;
    const plan = planFailure({
      outcome,
      retryAfterMs,
      command,
      attempts: lease.attempts,
      settleMs,
      jitter: Math.random(),
    });
    if (plan.pauseMs !== null)
      await this.connections.pause(
        lease.connectionId,
        plan.pauseMs,
        outcome === 'credential' ? 'credential' : 'rate_limited',
      );
    const said = error.vendorMessages.length > 0 ? `: ${error.vendorMessages.join(' ')}` : '';
    const isFinal = plan.status === 'dead' || plan.needsAttention;
    this.logger[isFinal || outcome === 'credential' ? 'error' : 'warn']({
      lane: lease.laneKey,
      command: command.kind,
      outcome,
      reason,
      requestId: error.vendorRequestId,
      msg: 'PSA call failed',
    });
    const isSkipped = reason === 'do_not_map';
    const state = isSkipped ? 'skipped' : isFinal || outcome === 'credential' ? 'failed' : 'pending';
    await this.records.failed(lease, command, plan, {
      state,
      reason,
      message: `${WORDS[outcome]} (${reason})${said}`.slice(0, 1000),
    });
  }

  private async unmapped(lease: Lease, command: HeadCommand): Promise<void> {
    const plan = {
      status: command.status === 'sending' ? 'unknown' : command.status,
      delayMs: 0,
      pauseMs: null,
      isBreakerFailure: false,
      needsAttention: true,
    } as const;
    const message =
      'The customer is not mapped to a company of the PSA. Map it, and the ticket opens by itself.';
    await this.records.failed(lease, command, plan, {
      state: 'failed',
      reason: 'unmapped_customer',
      message,
    });
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

const WORDS = {
  not_sent: 'The PSA could not be reached; this is tried again',
  unknown: 'The PSA gave no clear answer; it is searched before this is tried again',
  retry_after: 'The PSA asks us to wait; this is tried again',
  definitive: 'The PSA refused this',
  credential: 'The PSA does not accept the credentials',
} as const;
