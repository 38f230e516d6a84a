import type { Provider } from '../tickets/ticket.js';

export interface RecordedRequest {
  seq: number;
  /** ISO 8601 UTC. */
  at: string;
  provider: Provider;
  operation: string;
  method: string;
  path: string;
  query: Record<string, string>;
  /** Lower case, without credentials. */
  headers: Record<string, string>;
  body: unknown;
  /** The status that the vendor would have answered; a fault may have hidden it. */
  status: number | null;
}

const SECRET_HEADERS = new Set(['authorization', 'secret', 'apiintegrationcode', 'username', 'cookie']);
const KEPT = 2_000;

/** The last requests that came in, for contract checks. */
export class RequestLog {
  private readonly requests: RecordedRequest[] = [];
  private seq = 0;

  add(request: Omit<RecordedRequest, 'seq' | 'at'>): RecordedRequest {
    const recorded = {
      ...request,
      headers: publicHeaders(request.headers),
      seq: ++this.seq,
      at: new Date().toISOString(),
    };
    this.requests.push(recorded);
    if (this.requests.length > KEPT) this.requests.splice(0, this.requests.length - KEPT);
    return recorded;
  }

  list(filter: { provider?: string; operation?: string; after?: number }): RecordedRequest[] {
    return this.requests.filter(
      (request) =>
        (filter.provider === undefined || request.provider === filter.provider) &&
        (filter.operation === undefined || request.operation === filter.operation) &&
        request.seq > (filter.after ?? 0),
    );
  }

  clear(): void {
    this.requests.length = 0;
  }
}

function publicHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name)));
}
