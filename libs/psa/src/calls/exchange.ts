import { request, type Dispatcher } from 'undici';
import { PsaError } from '../psa-error.js';
import { type Answer, jsonOf } from './answer.js';
import { classify, type Dialect } from './classify.js';

export interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  /** JSON, or undefined for none. */
  body?: unknown;
}

export interface Wire {
  dispatcher: Dispatcher;
  dialect: Dialect;
  /** Milliseconds that one request may take, from connect to the last byte. */
  timeoutMs: number;
  now: () => Date;
}

/** One request, one answer, no redirect and no retry. @throws PsaError for everything that is not 2xx JSON. */
export async function exchange(wire: Wire, call: Call, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) throw new PsaError({ outcome: 'not_sent', reason: 'aborted_before_sending' });
  const answer = await send(wire, call, AbortSignal.any([signal, AbortSignal.timeout(wire.timeoutMs)]));
  const body = answer.status >= 200 && answer.status < 300 ? jsonOf(answer) : undefined;
  if (body === undefined) throw classify({ answer }, wire.dialect, wire.now());
  return body;
}

async function send(wire: Wire, call: Call, signal: AbortSignal): Promise<Answer> {
  try {
    const { statusCode, headers, body } = await request(call.url, {
      dispatcher: wire.dispatcher,
      method: call.method,
      headers:
        call.body === undefined ? call.headers : { ...call.headers, 'content-type': 'application/json' },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal,
    });
    return {
      status: statusCode,
      contentType: (one(headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
      retryAfter: one(headers['retry-after']),
      requestId: one(headers['x-cw-request-id']),
      text: await body.text(),
    };
  } catch (thrown) {
    throw classify({ thrown }, wire.dialect, wire.now());
  }
}

function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
