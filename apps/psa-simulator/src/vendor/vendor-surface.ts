import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Operation } from '../faults/fault.js';
import type { FaultRegister } from '../faults/fault-register.js';
import type { RequestLog } from '../requests/request-log.js';
import type { Provider } from '../tickets/ticket.js';
import { type Answer, send } from './answer.js';
import { sendFaulty } from './faulty-answer.js';
import { ThreadLimit } from './thread-limit.js';

export interface VendorRequest {
  method: string;
  /** Path and query as they came, behind the vendor's prefix. */
  address: string;
  /** Behind the vendor's prefix, without the query. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Parsed JSON; undefined for none, `invalidJson` when it could not be read. */
  body: unknown;
  hasInvalidJson: boolean;
  /** What the client called, such as `http://127.0.0.1:8090`. */
  origin: string;
}

export interface Vendor {
  provider: Provider;
  prefix: string;
  /** Simultaneous requests per entity, as the vendor allows; null for no limit. */
  threads: { limit: number; entityOf(path: string): string; answer(): Answer } | null;
  /** How long the vendor lets a request wait, milliseconds. */
  delayMs(): number;
  operationOf(request: VendorRequest): Operation;
  /** Answers as the vendor would; synchronous, so that one request is one commit. */
  handle(request: VendorRequest): Answer;
  /** The vendor's words for a refusal of ours. */
  tooMany(retryAfter: string | null): Answer;
  failure(status: number, text?: string | null): Answer;
}

/** Serves one vendor under its prefix: record, count threads, fail as told, else answer. */
export function serveVendor(
  app: FastifyInstance,
  vendor: Vendor,
  faults: FaultRegister,
  log: RequestLog,
): void {
  const threads = new ThreadLimit(vendor.threads?.limit ?? Infinity);
  app.all(`${vendor.prefix}/*`, async (raw, reply) => {
    const request = toVendorRequest(vendor.prefix, raw);
    const operation = vendor.operationOf(request);
    const { method, path, query, headers, body } = request;
    const record = log.add({
      provider: vendor.provider,
      operation,
      method,
      path,
      query,
      headers,
      body,
      status: null,
    });
    const release = threads.enter(vendor.threads?.entityOf(request.path) ?? '');
    if (release === null) return send(reply, vendor.threads?.answer() ?? vendor.failure(429));
    reply.raw.once('close', release);
    const delayMs = vendor.delayMs();
    if (delayMs > 0) await wait(delayMs, undefined, { ref: false });
    const fault = faults.take(vendor.provider, operation);
    const handle = (): Answer => {
      const answer = vendor.handle(request);
      record.status = answer.status;
      return answer;
    };
    return fault === null ? send(reply, handle()) : sendFaulty(reply, fault, vendor, handle);
  });
}

function toVendorRequest(prefix: string, raw: FastifyRequest): VendorRequest {
  const url = new URL(raw.url, 'http://simulator');
  const headers = Object.fromEntries(
    Object.entries(raw.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const { body, hasInvalidJson } = readJson(raw.body);
  return {
    method: raw.method,
    address: raw.url.slice(prefix.length),
    path: url.pathname.slice(prefix.length),
    query: Object.fromEntries(url.searchParams),
    headers,
    body,
    hasInvalidJson,
    origin: `http://${headers['host'] ?? 'localhost'}`,
  };
}

function readJson(text: unknown): { body: unknown; hasInvalidJson: boolean } {
  if (typeof text !== 'string' || text === '') return { body: undefined, hasInvalidJson: false };
  try {
    return { body: JSON.parse(text) as unknown, hasInvalidJson: false };
  } catch {
    return { body: text, hasInvalidJson: true };
  }
}
