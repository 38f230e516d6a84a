import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { createManagement } from './management.js';

const state = { isDraining: false, isDatabaseUp: true };
let management: FastifyInstance;

beforeAll(async () => {
  management = await createManagement({
    logger: pino({ level: 'silent' }),
    isDraining: () => state.isDraining,
    readiness: {
      database: async () => {
        if (!state.isDatabaseUp) throw new Error('postgres://user:secret@host is down');
      },
    },
  });
});
afterAll(() => management?.close());
beforeEach(() => {
  state.isDraining = false;
  state.isDatabaseUp = true;
});

const get = (url: string): Promise<LightMyRequestResponse> => management.inject({ method: 'GET', url });

test('ready when every check passes', async () => {
  const answer = await get('/health/ready');
  expect([answer.statusCode, answer.json()]).toMatchObject([
    200,
    { status: 'ok', info: { database: { status: 'up' } } },
  ]);
});

test('a failing check makes it not ready but leaves it alive, and tells no secret', async () => {
  state.isDatabaseUp = false;
  const answer = await get('/health/ready');
  expect([answer.statusCode, answer.json()]).toMatchObject([
    503,
    { error: { database: { status: 'down' } } },
  ]);
  expect(answer.body).not.toContain('secret');
  expect((await get('/health/live')).statusCode).toBe(200);
});

test('shutting down makes it not ready but leaves it alive', async () => {
  state.isDraining = true;
  expect((await get('/health/ready')).statusCode).toBe(503);
  expect((await get('/health/live')).statusCode).toBe(200);
});

test('metrics are in the Prometheus format', async () => {
  const answer = await get('/metrics');
  expect(answer.headers['content-type']).toContain('text/plain');
  expect(answer.body).toContain('process_resident_memory_bytes');
});

test('what a part of the service says by Nest stands in its log, with its fields', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const other = await createManagement({ logger, isDraining: () => false, readiness: {} });
  new Logger('Dispatcher').warn({ reason: 'tls_failed', code: 'CERT_HAS_EXPIRED', msg: 'PSA call failed' });
  new Logger('Mail').error('a mail is bounced');
  await other.close();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { context: 'Dispatcher', reason: 'tls_failed', code: 'CERT_HAS_EXPIRED', msg: 'PSA call failed' },
    { context: 'Mail', msg: 'a mail is bounced' },
  ]);
});
