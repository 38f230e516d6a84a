import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { newApiKey } from '@backhaul/http';
import {
  accountsApiKeys,
  type ApiKeyPayload,
  apiKeyUses,
  CompactedTable,
  Publisher,
  toRecord,
} from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { ACCOUNT_NO, Running } from '../testing/running.js';

jest.setTimeout(60_000);

let running: Running;
let publisher: Publisher;
beforeAll(async () => {
  running = await Running.start({ TRUSTED_PROXIES: '127.0.0.0/8' });
  publisher = new Publisher(running.kafka.kafka, { prefix: running.kafka.prefix });
});
afterAll(async () => {
  await publisher.close();
  await running.close();
});

const tell = (payload: ApiKeyPayload | null, keyId: string): Promise<void> => {
  const { partnerId: id } = running;
  const envelope = {
    id,
    occurredAt: new Date().toISOString(),
    partnerId: id,
    correlationId: id,
    causationId: null,
  };
  return publisher.send([toRecord(accountsApiKeys, payload, envelope, keyId)]);
};

async function issue(overrides: Partial<ApiKeyPayload> = {}): Promise<{ text: string; keyId: string }> {
  const { text, keyId, secretHash } = newApiKey();
  const rights = { scopes: ['events:write'], role: 'partner-api', expiresAt: null };
  await tell({ keyId, partnerId: running.partnerId, secretHash, ...rights, ...overrides }, keyId);
  return { text, keyId };
}

let sent = 0;
async function send(key: string, from = '192.0.2.1'): Promise<{ status: number; body: string }> {
  const event = {
    idempotencyKey: `event-${(sent += 1)}`,
    accountNo: ACCOUNT_NO,
    outcome: { status: 'success' },
  };
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'x-forwarded-for': from,
  };
  const answer = await running.post('/v1/events', JSON.stringify(event), headers);
  return { status: answer.status, body: await answer.text() };
}
const accepted = (key: string, from?: string): Promise<void> =>
  eventually(async () => expect((await send(key, from)).status).toBe(202));

it('a key bound to networks brings events from these alone', async () => {
  const { text } = await issue({ allowedCidrs: ['198.51.100.0/24'] });
  await accepted(text, '198.51.100.9');
  const { status, body } = await send(text, '203.0.113.1');
  expect([status, JSON.parse(body)]).toMatchObject([403, { type: '/docs/problems/address-not-allowed' }]);
  expect(body).not.toContain('198.51');
});

it('a revoked key is refused within two seconds', async () => {
  const { text, keyId } = await issue();
  await accepted(text);
  await tell(null, keyId);
  await eventually(async () => expect((await send(text)).status).toBe(401), { timeoutMs: 2000 });
});

it('refused keys are seen at level info, once in ten seconds and without the key', async () => {
  const wrong = newApiKey().text;
  for (let i = 0; i < 5; i += 1) expect((await send(wrong)).status).toBe(401);
  const lines = running.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
  const told = lines.filter(({ msg }) => msg === 'keys of agents were refused');
  expect(told).toMatchObject([{ level: 'info', route: '/v1/events', ip: '127.0.0.1' }]);
  expect(running.logs.join('')).not.toContain(wrong.slice(-38));
});

it('tells accounts when and from where a key was used', async () => {
  const { text, keyId } = await issue();
  await accepted(text, '192.0.2.77');
  const { kafka, prefix } = running.kafka;
  const uses = new CompactedTable({ kafka, prefix, topic: apiKeyUses });
  try {
    await uses.start();
    await eventually(async () => expect(uses.get(keyId)).toMatchObject({ ip: '192.0.2.77' }));
  } finally {
    await uses.close();
  }
});
