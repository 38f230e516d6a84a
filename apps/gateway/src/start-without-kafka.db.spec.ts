import { afterAll, expect, jest, test } from '@jest/globals';
import { eventually, freePort } from '@backhaul/testing';
import { createServer, connect, type Server } from 'node:net';
import { RunningGateway } from './testing/running-gateway.js';

jest.setTimeout(60_000);

let gateway: RunningGateway | undefined;
let broker: Server | undefined;
afterAll(async () => {
  await gateway?.stop();
  broker?.close();
});

test('a gateway that starts before Kafka says 503, never 401, to a good key, and serves it once Kafka is there', async () => {
  const { origin, port } = { origin: process.env['TEST_KAFKA_BROKERS'] ?? '', port: await freePort() };
  gateway = await RunningGateway.start({ KAFKA_BROKERS: `127.0.0.1:${port}` });
  const key = await gateway.issueKey();
  const status = async (): Promise<number | undefined> =>
    (await gateway?.call('GET', '/api/v1/brands', { authorization: `Bearer ${key.text}` }))?.status;
  expect(await status()).toBe(503);

  broker = createServer((socket) => {
    const [host = '', originPort = ''] = origin.split(':');
    const onward = connect(Number(originPort), host);
    socket.pipe(onward).pipe(socket);
    for (const each of [socket, onward])
      each.on('error', () => [socket, onward].forEach((end) => end.destroy()));
  }).listen(port, '127.0.0.1');
  const seen = new Set<number | undefined>();
  await eventually(
    async () => {
      seen.add(await status());
      expect([...seen]).toContain(200);
    },
    { timeoutMs: 40_000 },
  );
  expect([...seen].sort()).not.toContain(401);
});
