import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { System } from './system.js';

export interface ApiAnswer {
  /** 0 where nobody answered in time. */
  status: number;
  body: unknown;
  tookMs: number;
}

/** What the partner's own program gets from the gateway. `path` below `/api/v1`. */
export async function askApi(
  system: System,
  method: string,
  path: string,
  body?: object,
  timeoutMs = 30_000,
): Promise<ApiAnswer> {
  const { apiKey } = JSON.parse(readFileSync(join(system.dir, 'demo.json'), 'utf8')) as { apiKey: string };
  const startedAt = performance.now();
  const answered = (status: number, said: unknown): ApiAnswer => ({
    status,
    body: said,
    tookMs: performance.now() - startedAt,
  });
  try {
    const answer = await fetch(`${system.fleet.url('gateway')}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    return answered(answer.status, text ? JSON.parse(text) : null);
  } catch {
    return answered(0, null);
  }
}
