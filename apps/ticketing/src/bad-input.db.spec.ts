import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidFrom } from '@backhaul/domain';
import { TestRest } from './testing/rest.js';
import { TestSystem } from './testing/system.js';

jest.setTimeout(60_000);
const ID = uuidFrom('nothing');
let system: TestSystem;
let rest: TestRest;
beforeAll(async () => {
  system = await TestSystem.start();
  rest = await TestRest.start(system);
});
afterAll(async () => {
  await rest.close();
  await system.close();
});

const pointers = ({ body }: { body: Record<string, unknown> }): string[] => [
  ...new Set(((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer)),
];

describe('what is asked wrongly', () => {
  it.each([
    ['incidents?state=odd', '/state'],
    ['incidents?accountNo=x', '/accountNo'],
    ['incidents?accountNo=0', '/accountNo'],
    ['incidents?custId=1.5', '/custId'],
    ['incidents?custId=1&custId=2', '/custId'],
    ['incidents?limit=500', '/limit'],
    ['incidents?total=perhaps', '/total'],
    ['incidents?cursor=abc', '/cursor'],
    ['incidents?sort=name', '/sort'],
    ['incidents/7', '/id'],
    ['lanes?state=stuck', '/state'],
    ['lanes?accountNo=-1', '/accountNo'],
    ['lanes?limit=0', '/limit'],
    ['lanes?cursor=', '/cursor'],
    ['dead-letters?limit=201', '/limit'],
    ['dead-letters?total=true', '/total'],
    ['dead-letters?cursor=abc', '/cursor'],
    ['dead-letters?topic=a&topic=b', '/topic'],
    ['dead-letters/7', '/id'],
  ])('GET %s is a 400 that points at %s (E1, F33, F37)', async (path, pointer) => {
    const answer = await rest.call('GET', `/api/v1/${path}`);
    expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
  });

  it.each([
    ['incidents/7/resolve', undefined, '/id'],
    ['incidents/7/retry', undefined, '/id'],
    ['dead-letters/7/replay', undefined, '/id'],
    [`dead-letters/${ID}/replay?dryRun=maybe`, undefined, '/dryRun'],
    [`dead-letters/${ID}/replay?group=1&group=0`, undefined, '/group'],
    [`dead-letters/${ID}/replay?force=true`, undefined, '/force'],
    [`dead-letters/${ID}/discard`, {}, '/reason'],
    [`dead-letters/${ID}/discard`, { reason: 7 }, '/reason'],
    [`dead-letters/${ID}/discard`, { reason: 'x' }, '/reason'],
    [`dead-letters/${ID}/discard`, { reason: 'x'.repeat(501) }, '/reason'],
    [`dead-letters/${ID}/discard`, { reason: 'good', more: 1 }, '/more'],
  ])('POST %s %j is a 400 that points at %s (E2)', async (path, body, pointer) => {
    const answer = await rest.call('POST', `/api/v1/${path}`, {}, body);
    expect([answer.status, pointers(answer)]).toEqual([400, [pointer]]);
  });

  it.each(['{', '[]', '7', '{"reason":"\u0000'])('a body that is %j is a 400', async (body) => {
    expect((await rest.call('POST', `/api/v1/dead-letters/${ID}/discard`, {}, body)).status).toBe(400);
  });

  it.each([
    ['GET', `incidents/${ID}`],
    ['POST', `incidents/${ID}/resolve`],
    ['POST', `incidents/${ID}/retry`],
    ['POST', 'lanes/nothing/retry'],
    ['GET', `dead-letters/${ID}`],
    ['POST', `dead-letters/${ID}/replay`],
  ] as const)('%s %s of nothing is a 404', async (method, path) => {
    expect((await rest.call(method, `/api/v1/${path}`)).status).toBe(404);
  });
});
