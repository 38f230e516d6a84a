import type { LookupAddress } from 'node:dns';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { httpBytes, tcpScript, type TcpScript } from '../testing/tcp-script.js';
import { parseAllowList, parseApproval } from './allow-list.js';
import { createEgressDispatcher, type EgressOptions } from './egress.dispatcher.js';
import { Egress } from './egress.js';

let server: TcpScript;
beforeAll(async () => {
  server = await tcpScript((socket) => socket.end(httpBytes('200 OK', '{}')));
});
beforeEach(() => {
  server.requests.splice(0);
});
afterAll(() => server.close());

/** A resolver of the partner's: what it says, one answer a question, the last for ever. */
const saying =
  (...answers: string[][]): NonNullable<EgressOptions['lookup']> =>
  (_host, _options, callback) => {
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    callback(
      null,
      (addresses ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
const call = async (url: string, options: Partial<EgressOptions> = {}): Promise<number> => {
  const dispatcher = createEgressDispatcher({ allow: [], ...options });
  try {
    const target = url.replace('PORT', String(server.port));
    const { statusCode, body } = await request(target, { dispatcher, signal: AbortSignal.timeout(5000) });
    await body.dump();
    return statusCode;
  } finally {
    await dispatcher.close();
  }
};
const approved = (target: string, port = server.port): string[] => [`${target}:${port}`];

const SPELLINGS = [
  ['dotted', 'http://127.0.0.1:PORT'],
  ['short', 'http://127.1:PORT'],
  ['decimal', 'http://2130706433:PORT'],
  ['octal', 'http://0177.0.0.1:PORT'],
  ['octal throughout', 'http://017700000001:PORT'],
  ['hexadecimal', 'http://0x7f000001:PORT'],
  ['hexadecimal by part', 'http://0x7f.0x0.0x0.0x1:PORT'],
  ['percent-encoded', 'http://%31%32%37.0.0.1:PORT'],
  ['full-width', 'http://１２７.0.0.1:PORT'],
  ['with the root’s dot', 'http://127.0.0.1.:PORT'],
  ['behind a user', 'http://na.myconnectwise.net@127.0.0.1:PORT'],
  ['behind a user and password', 'http://a:b@127.0.0.1:PORT'],
  ['IPv4-mapped', 'http://[::ffff:127.0.0.1]:PORT'],
  ['IPv4-mapped, hexadecimal', 'http://[::ffff:7f00:1]:PORT'],
] as const;

describe.each(SPELLINGS)('a loopback address, %s', (_what, url) => {
  it('is not reached without an approval', async () => {
    await expect(call(url)).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
    for (const other of [approved('10.0.0.0/8'), approved('127.0.0.1', 1), ['psa.acme.example:443']])
      await expect(call(url, { approvals: other })).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
    expect(server.requests).toHaveLength(0);
  });

  it('is reached with one', async () => {
    expect(await call(url, { approvals: approved('127.0.0.0/8') })).toBe(200);
    expect(server.requests).toHaveLength(1);
  });
});

describe('what never reaches a local server', () => {
  it.each([
    ['NAT64', 'http://[64:ff9b::7f00:1]:PORT'],
    ['6to4', 'http://[2002:7f00:1::]:PORT'],
    ['IPv4-compatible', 'http://[::127.0.0.1]:PORT'],
    ['link-local with a zone', 'http://[fe80::1]:PORT'],
    ['the unspecified address', 'http://0.0.0.0:PORT'],
    ['the unspecified IPv6 address', 'http://[::]:PORT'],
    ['a cloud’s metadata', 'http://169.254.169.254:PORT'],
  ])('%s, not even with loopback approved', async (_what, url) => {
    await expect(call(url, { approvals: approved('127.0.0.0/8') })).rejects.toMatchObject({
      code: 'EGRESS_BLOCKED',
    });
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ['a name that stands for loopback', [['127.0.0.1']]],
    ['one of several addresses', [['127.0.0.1', '::1']]],
    ['IPv4-mapped', [['::ffff:127.0.0.1']]],
    ['NAT64', [['64:ff9b::7f00:1']]],
    ['another answer to the second question', [['127.0.0.1'], ['93.184.215.14']]],
  ])('%s: the concrete address decides', async (_what, answers) => {
    const lookup = saying(...answers);
    await expect(call('http://psa.example:PORT', { lookup })).rejects.toMatchObject({
      code: 'EGRESS_BLOCKED',
    });
    expect(server.requests).toHaveLength(0);
  });

  it('a name that is rebound between the look and the connection', async () => {
    // The address changes after it was judged: only the socket can tell.
    let reads = 0;
    const twoFaced = {
      family: 4,
      get address(): string {
        reads += 1;
        return reads === 1 ? '10.1.2.3' : '127.0.0.1';
      },
    } as LookupAddress;
    const options: Partial<EgressOptions> = {
      approvals: [`10.1.0.0/16:${server.port}`],
      lookup: (_host, _options, callback) => callback(null, [twoFaced]),
    };
    await expect(call('http://psa.example:PORT', options)).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
    expect(reads).toBeGreaterThan(1);
    expect(server.requests).toHaveLength(0);
  });

  it('an approved name that its owner points at us', async () => {
    for (const address of ['127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '::ffff:127.0.0.1'])
      await expect(
        call('http://psa.acme.example:PORT', {
          approvals: approved('psa.acme.example'),
          lookup: saying([address]),
        }),
      ).rejects.toMatchObject({ code: 'EGRESS_BLOCKED' });
    expect(server.requests).toHaveLength(0);
  });

  it('a redirect of an approved server', async () => {
    const redirecting = await tcpScript((socket) =>
      socket.end(httpBytes('302 Found', '', { location: `http://127.0.0.1:${server.port}/` })),
    );
    const approvals = [`127.0.0.1:${redirecting.port}`];
    expect(await call(`http://127.0.0.1:${redirecting.port}`, { approvals })).toBe(302);
    await redirecting.close();
    expect(server.requests).toHaveLength(0);
  });
});

describe('an approval', () => {
  it('of a network lets a name through that stands for an address in it', async () => {
    const lookup = saying(['127.0.0.1']);
    expect(await call('http://psa.example:PORT', { approvals: approved('127.0.0.1/32'), lookup })).toBe(200);
  });

  it('of a name lets an address of an office through, and the address alone', () => {
    const list = parseAllowList(
      [],
      ['PSA.Acme.example.:8443', '10.1.0.0/16:8443', 'fd12::/16:443', '[::1]:80'],
    );
    expect(list.approvesName('psa.acme.example', 8443)).toBe(true);
    expect(list.approvesName('psa.acme.example', 443)).toBe(false);
    expect(list.allowsAddress('10.1.9.9', 8443)).toBe(true);
    expect(list.allowsAddress('10.1.9.9', 443)).toBe(false);
    expect(list.allowsAddress('10.2.9.9', 8443)).toBe(false);
    expect(list.allowsAddress('fd12::5', 443)).toBe(true);
    expect(list.allowsAddress('::1', 80)).toBe(true);
    expect([list.approvesPort(8443), list.approvesPort(8444)]).toEqual([true, false]);
  });

  it.each([
    '10.0.0.0/8',
    '10.0.0.0/33:80',
    '10.0.0.0/8:0',
    '10.0.0.0/8:70000',
    'a b:80',
    'u@h:80',
    'h:',
    ':80',
    'x/8:80',
  ])('that is none is refused: %s', (text) => {
    expect(() => parseApproval(text)).toThrow('EGRESS_ALLOW');
  });

  it('belongs to one connection: its sockets are lent to no other', async () => {
    const egress = new Egress({ allow: [] });
    const [mine, theirs] = [egress.wayOut(approved('127.0.0.1')), egress.wayOut([])];
    const url = `http://127.0.0.1:${server.port}`;
    const { statusCode, body } = await request(url, { dispatcher: mine.dispatcher });
    await body.dump();
    expect(statusCode).toBe(200);
    await expect(request(url, { dispatcher: theirs.dispatcher })).rejects.toMatchObject({
      code: 'EGRESS_BLOCKED',
    });
    await mine.close();
    await theirs.close();
    await expect(request(url, { dispatcher: theirs.dispatcher })).rejects.toMatchObject({
      code: 'EGRESS_BLOCKED',
    });
    await egress.close();
  });
});
