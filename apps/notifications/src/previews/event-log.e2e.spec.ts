import { randomBytes } from 'node:crypto';
import { expect, it, jest } from '@jest/globals';
import { programIdentity } from '@backhaul/http';
import { emptyDatabase, runProgram, runService, testKafka } from '@backhaul/testing';
import { PARTNER } from '../testing/builders.js';
import { EventLogClient } from './event-log.client.js';

jest.setTimeout(120_000);

it('asks ingestion as ingestion wants to be asked', async () => {
  const [database, kafka] = await Promise.all([emptyDatabase(), testKafka()]);
  const tokenKey = randomBytes(32).toString('base64');
  await runProgram('ingestion', 'migrate.js', { DATABASE_URL: database.url });
  const ingestion = await runService('ingestion', {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: kafka.prefix,
    SERVICE_TOKEN_KEY: tokenKey,
  });
  try {
    const log = new EventLogClient(ingestion.url, tokenKey);
    const who = programIdentity({ partnerId: PARTNER, role: 'partner-read-only', scopes: [], subject: 'key:test' }); // prettier-ignore
    const window = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z' };
    const filter = { ...window, accountNo: 1, custId: 2, type: 'backup.failed', severity: 'ERROR' } as const;
    for (const asked of [window, filter])
      expect(await log.page(who, asked, null, AbortSignal.timeout(10_000))).toEqual({
        items: [],
        nextCursor: null,
      });
    const elsewhere = new EventLogClient(ingestion.url, 'another key of thirty-two bytes!');
    await expect(elsewhere.page(who, window, null, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      status: 503,
    });
  } finally {
    await ingestion.stop();
    await Promise.all([kafka.close(), database.drop()]);
  }
});
