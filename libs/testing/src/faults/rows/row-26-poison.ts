import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { produceRaw, type RawRecord, recordsOf } from '../records.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

const headers = (): Record<string, string> => ({
  id: randomUUID(),
  'occurred-at': '2026-11-20T02:10:00.000Z',
  'partner-id': randomUUID(),
});

const raw = (key: string, value: string): RawRecord => ({ key, value, headers: headers() });

/** By the class under which each must be set aside. */
const EVENTS = (key: string): Record<string, RawRecord> => ({
  decode: raw(key, '\u0000\u0001 no JSON'),
  schema: raw(key, '{"event":"none","isLate":"perhaps"}'),
  'unknown-type': raw(
    key,
    JSON.stringify({
      event: { type: 'backup.teleported', tenant: { accountNo: Number(key) } },
      isLate: false,
    }),
  ),
});

const REQUESTS = (key: string): Record<string, RawRecord> => ({
  decode: { key, value: '{}' },
  schema: raw(key, '{"requestId":1}'),
  'unknown-type': raw(
    key,
    JSON.stringify({
      ...{ requestId: randomUUID(), eventId: randomUUID(), ruleId: randomUUID(), partnerId: randomUUID() },
      ...{ ruleName: 'r', custId: 1, accountNo: Number(key), incidentKey: 'job:x', intent: 'postpone' },
      ...{ severity: 'ERROR', occurredAt: '2026-11-20T02:10:00.000Z', subject: {} },
    }),
  ),
});

export const row: FaultRow = {
  number: 26,
  fault: 'bytes, a wrong schema and a newer version stand in the topics',
  expected: 'each is set aside under its class, bytes untouched; the partition moves on',
  promises: ['P9'],
  group: 'consumers',
  smaller: 'libs/messaging/src/kafka-batch-server.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 3);
    const key = String(account.accountNo);
    const events = EVENTS(key);
    const poison = [
      { service: 'notifications', topic: 'backup.events.v1', records: events },
      { service: 'billing-sync', topic: 'backup.events.v1', records: events },
      { service: 'ticketing', topic: 'ticket.requests.connectwise.v1', records: REQUESTS(key) },
    ] as const;

    phase('inject');
    const byTopic = new Map(poison.map(({ topic, records }) => [topic, records]));
    for (const [topic, records] of byTopic) await produceRaw(system, topic, Object.values(records));
    for (const { service } of poison) system.ledger.expectDeadLetter(service, 3);

    phase('expect');
    // Behind the poison in the same partitions.
    for (const provider of PROVIDERS)
      await system.report(system.account(provider, 3), 'failure', `Row26-${provider}`);
    for (const provider of PROVIDERS) await system.ticket(`Row26-${provider}`, 'open');
    for (const { service, topic, records } of poison) {
      const letters = await recordsOf(system, `dead-letters.${service}.v1`);
      const mine = letters.filter(({ headers: { 'dead-topic': from } }) => from === topic);
      for (const [wanted, { value }] of Object.entries(records)) {
        const letter = mine.find((candidate) => candidate.value === value);
        assert.equal(letter?.headers['dead-class'], wanted, `${topic}: ${letter?.headers['dead-reason']}`);
      }
      measured(`set aside of ${topic}`, mine.length);
    }

    phase('heal');
    await system.report(account, 'success', 'Row26-connectwise');
    await system.ticket('Row26-connectwise', 'closed');
    await invariants();
  },
};
