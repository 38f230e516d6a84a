import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PsaError } from './psa-error.js';
import { frozenServer } from './testing/frozen-server.js';
import { buildNewTicket, localPort, patient } from './testing/ports.js';
import { httpBytes, rawServer, tcpScript, type TcpScript } from './testing/tcp-script.js';
import { ELSEWHERE, EXPIRED } from './testing/test-certificates.js';

const CREATED = JSON.stringify({ id: 4711, summary: 'x', externalXRef: 'BK', closedFlag: false });
const whole = httpBytes('201 Created', CREATED);
const EGRESS = { answerTimeoutMs: 300 };

let server: TcpScript | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function failureOf(url: string, egress = {}): Promise<PsaError> {
  const port = localPort('connectwise', url, { egress: { ...EGRESS, ...egress } });
  const thrown: unknown = await port.create(buildNewTicket(), patient()).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(PsaError);
  return thrown as PsaError;
}

const write = (bytes: string) => (socket: Socket) => void socket.write(bytes);
const HTML = '<html><title>Sign in</title></html>';

describe('the ticket was sent whole, and then', () => {
  type Row = [what: string, act: (socket: Socket) => void, outcome: string, reason: string, code?: RegExp];
  const rows: Row[] = [
    ['commit, then RST', (s) => s.resetAndDestroy(), 'unknown', 'connection_lost', /ECONNRESET|UND_ERR_SOCKET/],
    ['commit, then FIN', (s) => s.end(), 'unknown', 'connection_lost', /UND_ERR_SOCKET/],
    ['201 headers, then RST mid-body', (s) => s.write(whole.slice(0, -9), () => setImmediate(() => s.resetAndDestroy())), 'unknown', 'connection_lost'],
    ['201 headers, then FIN mid-body', (s) => s.end(whole.slice(0, -9)), 'unknown', 'connection_lost'],
    ['no headers', () => undefined, 'unknown', 'timed_out', /UND_ERR_HEADERS_TIMEOUT/],
    ['the body stalls', write(whole.slice(0, -9)), 'unknown', 'timed_out', /UND_ERR_BODY_TIMEOUT/],
    ['garbage bytes', write('\u0000\u0001garbage\r\n\r\n'), 'unknown', 'unreadable_answer'],
    ['two content-lengths', write(`HTTP/1.1 201 Created\r\ncontent-length: 2\r\ncontent-length: 40\r\n\r\n${CREATED}`), 'unknown', 'unreadable_answer'],
    ['200 with HTML', write(httpBytes('200 OK', HTML, { 'content-type': 'text/html' })), 'unknown', 'unreadable_answer'],
    ['200 with JSON called HTML', write(httpBytes('200 OK', CREATED, { 'content-type': 'text/html' })), 'unknown', 'unreadable_answer'],
    ['201 without id', write(httpBytes('201 Created', '{"summary":"x"}')), 'unknown', 'no_id'],
    ['201 with id 0', write(httpBytes('201 Created', '{"id":0}')), 'unknown', 'no_id'],
    ['201 with a list', write(httpBytes('201 Created', '[]')), 'unknown', 'no_id'],
    ['201 with invalid JSON', write(httpBytes('201 Created', '{"id":4711')), 'unknown', 'unreadable_answer'],
    ['empty 200', write(httpBytes('200 OK', '')), 'unknown', 'unreadable_answer'],
    ['204', write('HTTP/1.1 204 No Content\r\n\r\n'), 'unknown', 'unreadable_answer'],
    ['an answer above 5 MB', write(httpBytes('201 Created', `"${'x'.repeat(6 << 20)}"`)), 'unknown', 'answer_too_large'],
    ['endless headers', write(`HTTP/1.1 201 Created\r\n${'x-a: b\r\n'.repeat(10_000)}\r\n`), 'unknown', 'answer_too_large'],
    ['302 to another host', write(httpBytes('302 Found', '', { location: 'http://169.254.169.254/' })), 'unknown', 'redirected'],
    ['500', write(httpBytes('500 Internal Server Error', '{}')), 'unknown', 'server_error'],
    ['502', write(httpBytes('502 Bad Gateway', HTML, { 'content-type': 'text/html' })), 'unknown', 'server_error'],
    ['503', write(httpBytes('503 Service Unavailable', '')), 'unknown', 'server_error'],
    ['504', write(httpBytes('504 Gateway Timeout', '')), 'unknown', 'server_error'],
    ['429', write(httpBytes('429 Too Many Requests', '{}')), 'retry_after', 'rate_limited'],
    ['400', write(httpBytes('400 Bad Request', '{}')), 'definitive', 'rejected'],
    ['403', write(httpBytes('403 Forbidden', '{}')), 'definitive', 'forbidden'],
    ['404', write(httpBytes('404 Not Found', '{}')), 'definitive', 'not_found'],
    ['405', write(httpBytes('405 Method Not Allowed', '')), 'definitive', 'rejected'],
    ['408', write(httpBytes('408 Request Timeout', '')), 'unknown', 'timed_out'],
    ['409', write(httpBytes('409 Conflict', '{}')), 'definitive', 'conflict'],
    ['422', write(httpBytes('422 Unprocessable Content', '{}')), 'definitive', 'rejected'],
    ['401', write(httpBytes('401 Unauthorized', '')), 'credential', 'unauthorized'],
  ]; // prettier-ignore

  it.each(rows)('%s', async (...[, act, outcome, reason, code]: Row) => {
    server = await tcpScript(act);
    const error = await failureOf(`http://127.0.0.1:${server.port}`);
    expect({ outcome: error.outcome, reason: error.reason }).toEqual({ outcome, reason });
    if (code) expect(error.code).toMatch(code);
    expect(server.requests).toHaveLength(1);
  });

  it('is a success only with the id', async () => {
    server = await tcpScript(write(whole));
    const port = localPort('connectwise', `http://127.0.0.1:${server.port}`);
    await expect(port.create(buildNewTicket(), patient())).resolves.toMatchObject({
      id: '4711',
      isClosed: false,
    });
  });

  it('the caller gives up: unknown', async () => {
    const caller = new AbortController();
    server = await tcpScript(() => caller.abort());
    const port = localPort('connectwise', `http://127.0.0.1:${server.port}`);
    await expect(port.create(buildNewTicket(), caller.signal)).rejects.toMatchObject({
      outcome: 'unknown',
      reason: 'aborted',
    });
  });

  it('the deadline of the whole request passes while bytes trickle in: unknown', async () => {
    server = await tcpScript((socket) => {
      socket.write(whole.slice(0, -9));
      const trickle = setInterval(() => socket.write(' '), 50);
      socket.once('close', () => clearInterval(trickle));
    });
    const port = localPort('connectwise', `http://127.0.0.1:${server.port}`, {
      limits: { requestTimeoutMs: 200 },
    });
    await expect(port.create(buildNewTicket(), patient())).rejects.toMatchObject({
      outcome: 'unknown',
      reason: 'timed_out',
    });
  });
});

describe('nothing was sent', () => {
  it('refused', async () => {
    const closed = await tcpScript(() => undefined);
    await closed.close();
    expect(await failureOf(`http://127.0.0.1:${closed.port}`)).toMatchObject({
      outcome: 'not_sent',
      reason: 'refused',
      code: 'ECONNREFUSED',
    });
  });

  it('nobody answers the connection', async () => {
    const frozen = await frozenServer();
    const error = await failureOf(`http://127.0.0.1:${frozen.port}`, {
      connectTimeoutMs: 300,
      answerTimeoutMs: 4_000,
    });
    await frozen.close();
    const expected = { outcome: 'not_sent', reason: 'connect_timeout', code: 'UND_ERR_CONNECT_TIMEOUT' };
    expect(error).toMatchObject(expected);
  });

  it('no such host', async () => {
    const error = await failureOf('https://psa.invalid');
    expect(error).toMatchObject({ outcome: 'not_sent', reason: 'host_not_found' });
  });

  it('a self-signed certificate', async () => {
    server = await tcpScript(write(whole), ELSEWHERE);
    const error = await failureOf(`https://localhost:${server.port}`);
    expect(error).toMatchObject({
      outcome: 'not_sent',
      reason: 'tls_failed',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(server.requests).toHaveLength(0);
  });

  it('a certificate for another name, and an expired one', async () => {
    server = await tcpScript(write(whole), ELSEWHERE);
    const wrongName = await failureOf(`https://127.0.0.1:${server.port}`, { ca: ELSEWHERE.cert });
    expect(wrongName).toMatchObject({
      outcome: 'not_sent',
      reason: 'tls_failed',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await server.close();
    server = await tcpScript(write(whole), EXPIRED);
    const expired = await failureOf(`https://localhost:${server.port}`, { ca: EXPIRED.cert });
    expect(expired).toMatchObject({ outcome: 'not_sent', reason: 'tls_failed', code: 'CERT_HAS_EXPIRED' });
    expect(server.requests).toHaveLength(0);
  });

  it('a certificate whose authority the connection names is accepted', async () => {
    server = await tcpScript(write(whole), ELSEWHERE);
    const port = localPort('connectwise', `https://localhost:${server.port}`, {
      egress: { ca: ELSEWHERE.cert },
    });
    await expect(port.create(buildNewTicket(), patient())).resolves.toMatchObject({ id: '4711' });
  });

  it('TLS to a port that speaks plain text', async () => {
    server = await rawServer((socket) => socket.write(whole));
    const error = await failureOf(`https://127.0.0.1:${server.port}`);
    expect(error).toMatchObject({
      outcome: 'not_sent',
      reason: 'tls_failed',
      code: 'ERR_SSL_WRONG_VERSION_NUMBER',
    });
  });

  it('the caller had given up before', async () => {
    server = await tcpScript(write(whole));
    const port = localPort('connectwise', `http://127.0.0.1:${server.port}`);
    const sent = port.create(buildNewTicket(), AbortSignal.abort());
    await expect(sent).rejects.toMatchObject({ outcome: 'not_sent', reason: 'aborted_before_sending' });
    expect(server.requests).toHaveLength(0);
  });
});

it('RST in the TLS handshake looks like a lost answer, so it is unknown', async () => {
  server = await rawServer((socket) => socket.resetAndDestroy());
  const error = await failureOf(`https://127.0.0.1:${server.port}`);
  expect(error).toMatchObject({ outcome: 'unknown', reason: 'connection_lost', code: 'ECONNRESET' });
});

describe('429 says when', () => {
  const NOW = new Date('2026-11-20T10:00:00Z');
  const rows: [header: string | null, expected: number | null][] = [
    ['30', 30_000],
    ['Fri, 20 Nov 2026 10:02:00 GMT', 120_000],
    ['99999', 3_600_000],
    ['Fri, 20 Nov 2099 10:00:00 GMT', 3_600_000],
    ['Fri, 20 Nov 2020 10:00:00 GMT', 1_000],
    ['0', 1_000],
    [null, null],
    ['soon', null],
    ['', null],
  ];
  it.each(rows)('Retry-After: %s', async (header, expected) => {
    const headers: Record<string, string> = header === null ? {} : { 'retry-after': header };
    server = await tcpScript(write(httpBytes('429 Too Many Requests', '', headers)));
    const port = localPort('connectwise', `http://127.0.0.1:${server.port}`, { now: () => NOW });
    await expect(port.create(buildNewTicket(), patient())).rejects.toMatchObject({
      outcome: 'retry_after',
      retryAfterMs: expected,
    });
  });
});
