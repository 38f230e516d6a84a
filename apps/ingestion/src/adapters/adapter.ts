import type { Agent, IsoTime, JobResult } from '@backhaul/domain';

/** What an agent posted, before anybody understood it. */
export interface NativeReport {
  agent: Agent;
  contentType: string | null;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  /** The body as UTF-8, as received. */
  text: string;
  receivedAt: IsoTime;
  /** IANA zone of the account, for times that come without one. */
  zone: string;
}

export interface AdaptedReport {
  result: JobResult;
  /** What names this report of this run, for the idempotency key; null: the sha256 of the body does. */
  nativeKey: string | null;
  agentVersion: string | null;
  /** Closed reasons such as `unknown_status`, counted and shown; the result itself stands. */
  warnings: string[];
}

/** Maps one agent's native reports to the canonical result, and loses nothing of them. */
export interface AgentAdapter {
  readonly agents: readonly Agent[];
  readonly name: string;
  readonly version: string;
  /**
   * One report for each run that the body tells of: each becomes an event. Absent: a body tells of one.
   * @throws {UnreadableReport}
   */
  parts?(report: NativeReport): NativeReport[];
  /** @throws {UnreadableReport} only when nothing at all can be read */
  adapt(report: NativeReport): AdaptedReport;
}

export type UnreadableReason =
  'empty' | 'not_json' | 'not_an_object' | 'nested_too_deeply' | 'not_a_report' | 'too_many_runs';

/** Nothing in the body can be read; whoever received it keeps the bytes. */
export class UnreadableReport extends Error {
  constructor(readonly reason: UnreadableReason) {
    super(`The report cannot be read: ${reason}`);
    this.name = 'UnreadableReport';
  }
}
