import type { Agent } from '@backhaul/domain';
import type { NativeReport } from '../adapter.js';

/** A report as it was received: text, or what becomes JSON. */
export function nativeReport(agent: Agent, body: unknown, more: Partial<NativeReport> = {}): NativeReport {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    agent,
    contentType: null,
    headers: {},
    body: Buffer.from(text),
    text,
    receivedAt: '2026-11-21T09:00:00.000Z',
    zone: 'Europe/Berlin',
    ...more,
  };
}
