import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { RunningGateway } from './testing/running-gateway.js';

let gateway: RunningGateway;
let authorization: string;
beforeAll(async () => {
  gateway = await RunningGateway.start();
  const key = await gateway.issueKey();
  authorization = `authorization: Bearer ${key.text}`;
  const headers = { authorization: `Bearer ${key.text}` };
  await eventually(async () =>
    expect((await gateway.call('GET', '/api/v1/brands', headers)).status).toBe(200),
  );
}, 60_000);
afterAll(() => gateway?.stop());
beforeEach(() => void (gateway.services.accounts.seen.length = 0));

/** Sends bytes as they are and answers all that came back until the other side closed, or fell silent. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

const HIDDEN = 'GET /api/v1/customers?smuggled=1 HTTP/1.1\r\nhost: x\r\n\r\n';
const post = (...headers: string[]): string =>
  [
    'POST /api/v1/brands HTTP/1.1',
    'host: x',
    authorization,
    'content-type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n');

test.each([
  ['a length beside chunks', post('content-length: 6', 'transfer-encoding: chunked') + `0\r\n\r\n${HIDDEN}`],
  [
    'chunks beside a length',
    post('transfer-encoding: chunked', `content-length: ${5 + HIDDEN.length}`) + `0\r\n\r\n${HIDDEN}`,
  ],
  ['two lengths', post('content-length: 2', `content-length: ${2 + HIDDEN.length}`) + `{}${HIDDEN}`],
  ['a length of two numbers', post('content-length: 2, 40') + `{}${HIDDEN}`],
  ['a signed length', post('content-length: +2') + `{}${HIDDEN}`],
  ['a length in hexadecimal', post('content-length: 0x2') + `{}${HIDDEN}`],
  ['an encoding that nobody knows', post('transfer-encoding: xchunked') + `0\r\n\r\n${HIDDEN}`],
  ['chunks that are not last', post('transfer-encoding: chunked, identity') + `0\r\n\r\n${HIDDEN}`],
  ['a blank before the colon', post('transfer-encoding : chunked') + `0\r\n\r\n${HIDDEN}`],
  ['a folded header', post('x-a: b\r\n transfer-encoding: chunked', 'content-length: 2') + `{}${HIDDEN}`],
  ['a bare line feed', post('x-a: b\ntransfer-encoding: chunked', 'content-length: 2') + `{}${HIDDEN}`],
  ['a chunk size that is none', post('transfer-encoding: chunked') + `zz\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
  ['a NUL in a header', post('x-a: b\0c', 'content-length: 2') + `{}${HIDDEN}`],
])('%s is refused, and what stands behind it is no request', async (_, text) => {
  const answer = await raw(text);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(gateway.services.accounts.seen).toEqual([]);
});

test('what a client calls a principal, or a word of the gateway, is dropped however it is spelt', async () => {
  const names = [
    'x-backhaul-principal',
    'X-BACKHAUL-Principal',
    'x_backhaul_principal',
    'x-backhaul-client',
    'x-backhaul-service',
  ];
  const forged = names.map((name) => `${name}: forged`);
  await raw(
    ['GET /api/v1/brands HTTP/1.1', 'host: x', authorization, 'connection: close', ...forged, '', ''].join(
      '\r\n',
    ),
  );
  const [seen] = gateway.services.accounts.seen;
  expect(Object.values(seen?.headers ?? {})).not.toContain('forged');
  expect(seen?.headers['x-backhaul-principal']).toMatch(/^v1\./);
});
