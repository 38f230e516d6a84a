import { setTimeout as pause } from 'node:timers/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import kafkajs from 'kafkajs';

// The child loads the SDK and its instrumentations, which takes seconds on a busy machine.
jest.setTimeout(60_000);

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const ENDPOINT_KEY = 'bka_canary0123456789';
const databaseUrl = process.env['TEST_DATABASE_URL'] ?? '';
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const topic = `trace-test-${process.pid}-${Date.now()}`;
const kafka = new kafkajs.Kafka({ clientId: 'trace-test', brokers, logLevel: 0 });

interface Span {
  traceId: string;
  name: string;
  attributes: { key: string; value: object }[];
}

const spans: Span[] = [];
const collected: string[] = [];
const called: (string | undefined)[] = [];
const kafkaHeaders: string[] = [];
let collector: Server;
let vendor: Server;
let child: ChildProcess;
let port: number;
const consumer = kafka.consumer({ groupId: topic });

beforeAll(async () => {
  collector = await serve((_request, body) => {
    collected.push(body);
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
  });
  vendor = await serve((request) => called.push(request.headers['traceparent'] as string | undefined));
  await createTopic();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => void kafkaHeaders.push(String(message.headers?.['traceparent'])),
  });
  const settings = JSON.stringify({ databaseUrl, brokers, topic, outgoing: urlOf(vendor) });
  const fixture = join(import.meta.dirname, 'testing/traced-service.mjs');
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: urlOf(collector), OTEL_SERVICE_NAME: 'traced' };
  child = spawn(process.execPath, ['--import', join(import.meta.dirname, '../otel.mjs'), fixture, settings], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  port = Number(line.toString());
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await consumer.disconnect();
  const admin = kafka.admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  collector?.close();
  vendor?.close();
});

test("one trace runs from the agent's request through pg and Kafka's headers to the call out", async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/ingest/duplicati/${ENDPOINT_KEY}`, {
    headers: { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` },
  });
  expect(((await answer.json()) as { stored: string }).stored).toContain(TRACE_ID);
  await until(() => kafkaHeaders.length > 0 && called.length > 0 && namesOf().length >= 4);
  expect(kafkaHeaders).toEqual([expect.stringContaining(TRACE_ID)]);
  expect(called).toEqual([expect.stringContaining(TRACE_ID)]);
  expect(namesOf()).toEqual(
    expect.arrayContaining([expect.stringMatching(/^pg\.query/), expect.stringContaining('send')]),
  );
  expect(collected.join()).not.toContain('canary');
});

function namesOf(): string[] {
  return spans.filter(({ traceId }) => traceId === TRACE_ID).map(({ name }) => name);
}

async function createTopic(): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  // A new topic has no leader for a moment; kafkajs' own wait gives up on it.
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false });
  for (let tries = 1; ; tries += 1) {
    try {
      await admin.fetchTopicOffsets(topic);
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await pause(100);
    }
  }
  await admin.disconnect();
}

async function serve(seen: (request: IncomingMessage, body: string) => void): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen(request, body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition() && Date.now() < deadline) await pause(50);
}
