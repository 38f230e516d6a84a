import type { CanonicalEvent, EventType, Severity } from '@backhaul/domain';
import { type Identity, Problem, PRINCIPAL_HEADER, signPrincipal } from '@backhaul/http';

const SERVICE = 'ingestion';
const PAGE = 200;

export interface LogFilter {
  /** ISO 8601 UTC; received at this time or later. */
  from: string;
  /** Received before this time. */
  to: string;
  accountNo?: number;
  custId?: number;
  type?: EventType;
  severity?: Severity;
}

export interface LogPage {
  items: CanonicalEvent[];
  nextCursor: string | null;
}

/** Asks ingestion, which owns the event log, in the name of who asked us: they see what they may see there. */
export class EventLogClient {
  /** @param baseUrl INGESTION_URL @param tokenKey SERVICE_TOKEN_KEY */
  constructor(
    private readonly baseUrl: string,
    private readonly tokenKey: string,
  ) {}

  /**
   * A page of the log, newest first.
   * @throws Problem 503 where ingestion does not answer; whatever `signal` says where that ends it
   */
  async page(
    caller: Identity,
    filter: LogFilter,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<LogPage> {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    for (const [name, value] of Object.entries(filter)) query.set(name, String(value));
    const url = new URL(`/api/v1/events?${query.toString()}`, this.baseUrl);
    const headers = { [PRINCIPAL_HEADER]: signPrincipal(this.tokenKey, caller, SERVICE) };
    try {
      const answer = await fetch(url, { headers, signal, redirect: 'error' });
      if (answer.ok) return (await answer.json()) as LogPage;
      await answer.body?.cancel();
      throw new Error(`ingestion answered ${answer.status}`);
    } catch (error) {
      if (signal.aborted) throw error;
      throw Problem.unavailable(5, 'The event log does not answer right now.', error);
    }
  }
}
