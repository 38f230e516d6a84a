import type { Agent, JobResult } from '@backhaul/domain';

/** A report as it arrived at an agent's address. */
export interface NativeBody {
  agent: Agent;
  body: Buffer;
  contentType: string | null;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  receivedAt: string;
}

/** What a report says, and by which adapter we know. */
export interface Understood {
  result: JobResult;
  agentVersion: string | null;
  adapter: string;
  adapterVersion: string;
  runKey: string | null;
  flags: string[];
}

export interface PingBody {
  /** The last part of the address: `start`, `fail`, `log`, an exit code, or nothing. */
  signal: string | null;
  body: Buffer;
  receivedAt: string;
}

/** What the agent surface needs of the adapters. Null for a report that cannot be read. */
export interface NativeAdapters {
  /** The bodies of the runs that a report tells of: each becomes an event. A report that cannot be read is one. */
  split(report: NativeBody): Buffer[];
  understand(report: NativeBody): Understood | null;
  ping(report: PingBody): Understood;
}
