import { describe, expect, it, jest } from '@jest/globals';
import { PLATFORM } from '@backhaul/domain';
import { type Identity, PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http';
import { backupEvents, Publisher, toRecord } from '@backhaul/messaging';
import { emptyDatabase, eventually, runProgram, runService, type RunningService, testKafka } from '@backhaul/testing'; // prettier-ignore
import { buildKnownEvent, PARTNER } from '../testing/builders.js';
import { delivered } from '../testing/system.js';
import { defaultsFor } from '../rules/rule-defaults.js';

jest.setTimeout(240_000);
const KEY = 'k'.repeat(32);
const OPERATOR = { partnerId: PLATFORM, role: 'platform-operator' } as const;

async function ask(
  service: RunningService,
  method: string,
  path: string,
  who: Partial<Identity> = {},
  body?: object,
) {
  const program = programIdentity({ partnerId: PARTNER, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
  const answer = await fetch(`${service.url}/api/v1/${path}`, {
    method,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, 'notifications'),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('a record that ended the process each time', () => {
  it('is set aside, shown without its words, and replayed once by the version that can take it', async () => {
    const [kafka, database] = [await testKafka(), await emptyDatabase()];
    const env = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      SERVICE_TOKEN_KEY: KEY,
    };
    await runProgram('notifications', 'migrate.js', env);
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    const seen: string[] = [];
    const reader = kafka.kafka.consumer({ groupId: `${kafka.prefix}reader` });
    await reader.connect();
    await reader.subscribe({
      topics: [`${kafka.prefix}ticket.requests.connectwise.v1`],
      fromBeginning: true,
    });
    await reader.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
    const first = await runService('notifications', env);
    await ask(first, 'POST', 'notification-rules', {}, defaultsFor('open_connectwise_ticket'));
    await first.stop();

    const receivedAt = new Date(Date.now() + 1000).toISOString();
    const killer = buildKnownEvent({ receivedAt, message: 'hunter2' });
    const send = async (event: typeof killer): Promise<void> => {
      const { payload, envelope } = delivered(event);
      await publisher.send([toRecord(backupEvents, payload, envelope)]);
    };
    await send(killer);
    const deadly = { ...env, CRASH_AT: `consumer.record=${killer.eventId}` };
    for (let start = 1; start <= 3; start += 1) {
      const doomed = await runService('notifications', deadly, { wait: false });
      expect(await doomed.exited).toBe('SIGKILL');
    }
    const mended = await runService('notifications', env);
    const letters = async (who = {}) =>
      (await ask(mended, 'GET', 'dead-letters?class=killer', who)).body['items'] as Record<string, unknown>[];
    await eventually(async () => expect(await letters()).toHaveLength(1), { timeoutMs: 60_000 });

    const [group] = await letters(OPERATOR);
    expect(group).toMatchObject({ service: 'notifications', topic: 'backup.events.v1', count: 1 });
    const id = String((group?.['letters'] as string[])[0]);
    const { body: letter } = await ask(mended, 'GET', `dead-letters/${id}`);
    expect(letter).toMatchObject({
      facts: { eventId: killer.eventId },
      accountNo: 80202028,
      state: 'waiting',
    });
    expect(JSON.stringify(letter)).not.toContain('hunter2');
    const rehearsed = await ask(mended, 'POST', `dead-letters/${id}/replay?dryRun=true`);
    expect(rehearsed.body).toMatchObject({ items: [{ result: 'would_replay' }] });
    expect(seen).toEqual([]);
    const many = await Promise.all([1, 2, 3].map(() => ask(mended, 'POST', `dead-letters/${id}/replay`)));
    expect(many.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    await eventually(() => expect(seen.filter((value) => value.includes(killer.eventId))).toHaveLength(1));
    expect(await letters()).toEqual([]);
    // Behind it in its partition: nothing else of it can follow.
    const last = buildKnownEvent({ receivedAt, job: 'last' });
    await send(last);
    await eventually(() => expect(seen.some((value) => value.includes(last.eventId))).toBe(true));
    expect(seen).toHaveLength(2);

    await mended.stop();
    await reader.disconnect();
    await publisher.close();
    await Promise.all([kafka.close(), database.drop()]);
  });
});
