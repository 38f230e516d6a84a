import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { httpBytes, tcpScript, type TcpScript } from '../testing/tcp-script.js';
import { ELSEWHERE } from '../testing/test-certificates.js';
import { parseAllowList } from './allow-list.js';
import { isBlockedAddress } from './blocked-addresses.js';
import { createEgressDispatcher } from './egress.dispatcher.js';

let plain: TcpScript;
let secure: TcpScript;
beforeAll(async () => {
  plain = await tcpScript((socket) => socket.end(httpBytes('200 OK', '{}')));
  secure = await tcpScript((socket) => socket.end(httpBytes('200 OK', '{}')), ELSEWHERE);
});
afterAll(() => Promise.all([plain.close(), secure.close()]));

const call = (url: string, allow: string[]): Promise<unknown> =>
  request(url, { dispatcher: createEgressDispatcher({ allow, ca: ELSEWHERE.cert }) });

describe('the guard', () => {
  it.each([
    'http://127.0.0.1:PORT',
    'http://127.1:PORT',
    'http://2130706433:PORT',
    'http://0x7f000001:PORT',
    'http://0177.0.0.1:PORT',
    'http://localhost:PORT',
    'http://[::ffff:127.0.0.1]:PORT',
    'http://0.0.0.0:PORT',
  ])('lets nothing through to %s', async (url) => {
    for (const server of [plain, secure]) {
      const target = url
        .replace('PORT', String(server.port))
        .replace('http:', server === secure ? 'https:' : 'http:');
      await expect(call(target, [])).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
      expect(server.requests).toHaveLength(0);
    }
  });

  it('lets an approved network through, http too', async () => {
    await expect(call(`http://127.0.0.1:${plain.port}`, ['127.0.0.0/8'])).resolves.toMatchObject({
      statusCode: 200,
    });
    await expect(call(`http://localhost:${plain.port}`, ['127.0.0.0/8', '::1/128'])).resolves.toMatchObject({
      statusCode: 200,
    });
    await expect(call(`https://localhost:${secure.port}`, ['127.0.0.0/8'])).resolves.toMatchObject({
      statusCode: 200,
    });
  });

  it('lets an approved host and port through, and no other port of it', async () => {
    await expect(call(`http://localhost:${plain.port}`, [`LOCALHOST:${plain.port}`])).resolves.toMatchObject({
      statusCode: 200,
    });
    const other = call(`http://localhost:${plain.port}`, [`localhost:${secure.port}`]);
    await expect(other).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
  });

  it('follows no redirect', async () => {
    const server = await tcpScript((socket) =>
      socket.end(httpBytes('302 Found', '', { location: `http://127.0.0.1:${plain.port}` })),
    );
    const before = plain.requests.length;
    await expect(call(`http://127.0.0.1:${server.port}`, ['127.0.0.1/32'])).resolves.toMatchObject({
      statusCode: 302,
    });
    await server.close();
    expect(plain.requests).toHaveLength(before);
  });
});

describe('addresses that are not the public internet', () => {
  it.each([
    '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1',
    '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '255.255.255.255',
    '::', '::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:a00:1::',
    'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '', 'localhost',
  ])('%s is blocked', (address) => {
    expect(isBlockedAddress(address)).toBe(true);
  }); // prettier-ignore

  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
    '%s is open',
    (address) => {
      expect(isBlockedAddress(address)).toBe(false);
    },
  );
});

describe('EGRESS_ALLOW', () => {
  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/x',
    'host',
    'host:0',
    'host:99999',
    'http://host:80',
    'u@host:80',
    '::1/129',
  ])('refuses %s by name', (entry) => {
    expect(() => parseAllowList([entry])).toThrow(entry);
  });

  it('takes networks and host:port, and skips blanks', () => {
    const list = parseAllowList([' 10.0.0.0/8 ', '', 'psa.example:8443', '[::1]:80']);
    expect(list.allowsAddress('10.2.3.4', 1)).toBe(true);
    expect(list.allowsAddress('11.2.3.4', 1)).toBe(false);
    expect(list.allowsAddress('', 1)).toBe(false);
    expect(list.allowsHost('PSA.example.', 8443)).toBe(true);
    expect(list.allowsHost('psa.example', 443)).toBe(false);
    expect(list.allowsHost('[::1]', 80)).toBe(true);
  });
});
