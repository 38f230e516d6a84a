import type { Agent, EventType, Severity, Status } from '@backhaul/domain';

/** What a sample says, read off it by hand. */
export interface Expected {
  agent: Agent;
  status: Status;
  severity: Severity;
  type: EventType;
  startedAt?: string | null;
  endedAt?: string | null;
  /** Dotted paths into the result. */
  values?: Record<string, unknown>;
  /** Of raw output: what the wrapper script adds. */
  envelope?: { exitCode?: number; command?: string; stream?: 'stdout' | 'stderr'; with?: string };
}

export function row(
  agent: Agent,
  status: Status,
  severity: Severity,
  type: EventType,
  more: Partial<Expected> = {},
): Expected {
  return { agent, status, severity, type, ...more };
}
