import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { Problem, type Role, programIdentity, signPrincipal, signService } from '../index.js';
import { failing, KEY, startDemo } from '../testing/demo-app.js';

const RULE = {
  id: '0190f3a1-0000-7000-8000-000000000001',
  name: 'nightly',
  severities: { ok: false, error: true },
};

let demo: Awaited<ReturnType<typeof startDemo>>;

beforeAll(async () => {
  demo = await startDemo();
});

afterAll(() => demo.close());

function tokenOf(role: Role = 'partner-senior-manager', audience = 'demo'): string {
  const principal = programIdentity({
    partnerId: 'p1' as PartnerId,
    role,
    scopes: ['events:write'],
    subject: 'key:abc',
  });
  return signPrincipal(KEY, principal, audience);
}

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { errors?: { pointer: string; rule: string; detail: string }[] };
}

async function call(
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers = { 'x-backhaul-principal': tokenOf(), ...init.headers };
  const response = await fetch(`${demo.url}${path}`, { ...init, headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text ? (JSON.parse(text) as Answer['body']) : {},
  };
}

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/api/v1/rules',
): Promise<Answer> =>
  call(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

function rulesOf(answer: Answer): string[] {
  return (answer.body.errors ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`).sort();
}

describe('answers', () => {
  test('a good body is answered, and carries a request id', async () => {
    const answer = await post(JSON.stringify(RULE));
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ name: 'nightly', keys: ['id', 'name', 'severities'] });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a sane incoming request id is kept, a strange one replaced', async () => {
    const kept = await call('/api/v1/me', { headers: { 'x-request-id': 'from-the-agent-1' } });
    const replaced = await call('/api/v1/me', { headers: { 'x-request-id': 'a b"<script>' } });
    expect(kept.headers.get('x-request-id')).toBe('from-the-agent-1');
    expect(replaced.headers.get('x-request-id')).not.toContain('script');
  });

  test('a problem has all members of RFC 9457 and points at what is wrong', async () => {
    const answer = await post(
      JSON.stringify({
        ...RULE,
        id: 'urn:uuid:0190f3a1-0000-7000-8000-000000000001',
        'a/b': 1,
        all: [{ operator: 'x', term: 'y' }],
      }),
    );
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(Object.keys(answer.body).sort()).toEqual(
      ['detail', 'errors', 'instance', 'requestId', 'status', 'title', 'type'], // prettier-ignore
    );
    expect(answer.body['instance']).toBe('/api/v1/rules');
    expect(answer.body['requestId']).toBe(answer.headers.get('x-request-id'));
    expect(rulesOf(answer)).toEqual(['/all/0/operator isIn', '/a~1b unknown', '/id isUuid']);
  });

  test.each([
    ['a missing nested object', { id: RULE.id, name: 'x' }, ['/severities isDefined']],
    ['an array inside an array of objects', { ...RULE, all: [[]] }, ['/all/0 isObject']],
    [
      'an unknown nested property',
      { ...RULE, severities: { ok: true, error: true, x: 1 } },
      ['/severities/x unknown'],
    ],
    ['text where a number belongs', { ...RULE, weight: '3' }, ['/weight isInt', '/weight min']],
  ])('%s is a 400 with a pointer', async (_, body, expected) => {
    const answer = await post(JSON.stringify(body));
    expect(answer.status).toBe(400);
    expect(rulesOf(answer)).toEqual(expected);
  });

  test.each([
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '12'],
    ['nothing', ''],
  ])('%s instead of an object is a 400', async (_, body) => {
    expect((await post(body)).status).toBe(400);
  });
});

describe('hostile bodies', () => {
  const deep = `${'['.repeat(21)}${']'.repeat(21)}`;
  test.each([
    ['truncated JSON', '{"name": "x"', 400, 'json'],
    ['broken JSON', '{"name": }', 400, 'json'],
    ['deep JSON', `{"a":${deep}}`, 400, 'depth'],
    ['a very deep bomb', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 400, 'depth'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', 400, 'key'],
    ['an escaped __proto__', '{"\\u005f_proto__":{}}', 400, 'key'],
    ['the same key twice', '{"name":"a","name":"b"}', 400, 'duplicateKey'],
    ['a NUL character', '{"name":"a\\u0000b"}', 400, 'nul'],
    ['1,001 items', `{"all":[${Array(1001).fill('1').join(',')}]}`, 400, 'items'],
    ['1,001 keys', `{${Array.from({ length: 1001 }, (_, i) => `"k${i}":1`).join(',')}}`, 400, 'keys'],
  ])('%s is refused and says so', async (_, body, status, rule) => {
    const answer = await post(body);
    expect([answer.status, answer.body.errors?.[0]?.rule]).toEqual([status, rule]);
  });

  test('broken JSON says where', async () => {
    const answer = await post('{\n  "name": oops\n}');
    expect(answer.body['detail']).toMatch(/line 2, column 11 \(position 12\)/);
  });

  test('invalid UTF-8 is a 400', async () => {
    const answer = await post(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
    expect(answer.body.errors?.[0]?.rule).toBe('utf8');
  });

  test('more than the limit is a 413', async () => {
    const answer = await post(JSON.stringify({ name: 'x'.repeat(1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(answer.body['type']).toContain('too-large');
  });

  test.each([
    ['text/plain', {}],
    ['application/json; charset=utf-16', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('%s is a 415', async (type, extra) => {
    expect((await post('{}', { 'content-type': type, ...extra })).status).toBe(415);
  });

  test('a raw address gets bytes of any type as they came', async () => {
    const answer = await post(
      new Uint8Array([1, 2, 3]),
      { 'content-type': 'application/octet-stream' },
      '/api/v1/raw/k?x=1&x=2',
    );
    expect(answer.body).toEqual({ bytes: 3, key: 'k' });
  });

  test('bytes that are not HTTP get a problem and a request id', async () => {
    const text = await rawExchange('NONSENSE\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toContain('application/problem+json');
    expect(text).toContain('x-request-id: ');
  });

  test('headers above 16 KB are a 431', async () => {
    expect(await rawExchange(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });
});

describe('addresses and queries', () => {
  test.each([
    ['GET', '/api/v1/nowhere', 404, null],
    ['DELETE', '/api/v1/rules', 405, 'GET, HEAD, POST'],
    ['PATCH', `/api/v1/rules/${RULE.id}`, 405, 'GET, HEAD'],
    ['GET', '/api/v1/rules/%zz', 400, null],
    ['GET', '/api/v1/rules/not-a-uuid', 400, null],
    ['GET', '/api/v1/customers/word', 400, null],
    ['GET', '/api/v1/customers/34826', 200, null],
  ])('%s %s is a %i', async (method, path, status, allow) => {
    const answer = await call(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow]);
  });

  test('limit defaults to 50 and types are read from the query', async () => {
    const plain = await call('/api/v1/rules?accountNo=80202028');
    expect(plain.body['items']).toEqual([{ limit: 50, accountNo: 80202028 }]);
  });

  test('a total above 10,000 is a lower bound and says so', async () => {
    const counted = await call('/api/v1/rules?total=true');
    expect(counted.body).toMatchObject({ total: 10_000, totalIsExact: false });
  });

  test.each([
    ['limit=500', '/limit max'],
    ['limit=0', '/limit min'],
    ['limit=many', '/limit isInt'],
    ['limit=1&limit=2', '/limit repeated'],
    ['total=maybe', '/total isBoolean'],
    ['color=red', '/color unknown'],
  ])('?%s is a 400', async (query, expected) => {
    const answer = await call(`/api/v1/rules?${query}`);
    expect(answer.status).toBe(400);
    expect(rulesOf(answer)).toContain(expected);
  });

  test('an address without query parameters refuses any', async () => {
    expect((await call('/api/v1/me?x=1')).status).toBe(400);
  });
});

describe('principals', () => {
  test('the caller is who the token says', async () => {
    expect((await call('/api/v1/me')).body).toMatchObject({ partnerId: 'p1', subject: 'key:abc' });
  });

  test.each([
    ['no token', ''],
    ['a token for another service', tokenOf('partner-api', 'accounts')],
    [
      'a token of another key',
      signPrincipal(
        'another-key-of-16-chars',
        programIdentity({ partnerId: 'p' as PartnerId, role: 'partner-api', scopes: [], subject: 's' }),
        'demo',
      ),
    ],
    ['what another service says as itself', signService(KEY, 'authentication')],
    ['what the gateway says of a client', signService(KEY, 'client', { ip: '192.0.2.1' })],
    ['a token without its mac', tokenOf().split('.').slice(0, 2).join('.')],
    ['a token of another version', tokenOf().replace(/^v1/, 'v2')],
    ['a token of 5,000 characters', `${tokenOf()}${'A'.repeat(5000)}`],
    ['a token whose claims were changed', tokenOf().replace(/\.(.{10})./, '.$1X')],
  ])('%s is a 401', async (_, token) => {
    const answer = await call('/api/v1/me', { headers: { 'x-backhaul-principal': token } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('an expired token is a 401', async () => {
    const principal = programIdentity({
      partnerId: 'p' as PartnerId,
      role: 'partner-api',
      scopes: [],
      subject: 's',
    });
    const expired = signPrincipal(KEY, principal, 'demo', -10);
    expect((await call('/api/v1/me', { headers: { 'x-backhaul-principal': expired } })).status).toBe(401);
  });

  test('a role that is not named gets a 403', async () => {
    expect((await call('/api/v1/secrets')).status).toBe(200);
    const refused = await call('/api/v1/secrets', {
      headers: { 'x-backhaul-principal': tokenOf('partner-read-only') },
    });
    expect(refused.status).toBe(403);
  });
});

describe('failures', () => {
  const failWith = (error: unknown): Promise<Answer> => {
    failing.with = error;
    return call('/api/v1/fail');
  };

  test.each(['53100', '53200', '53300', '57P01', '57P03', '25006', 'ECONNREFUSED', '08006'])(
    'PostgreSQL failing with %s is a 503 with Retry-After',
    async (code) => {
      const answer = await failWith(Object.assign(new Error('query failed'), { driverError: { code } }));
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    },
  );

  test('an unknown error is a 500 that tells nothing and is logged once', async () => {
    demo.lines.length = 0;
    const answer = await failWith(new Error('select secret from table'));
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.body)).not.toMatch(/select|stack|\.ts|node_modules/);
    const logged = demo.lines.filter((line) => line.includes(String(answer.body['requestId'])));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('select secret from table');
  });

  test.each([
    ['gone', Problem.gone(), 410],
    ['too many', Problem.tooMany(30), 429],
    ['unprocessable', Problem.unprocessable('weak'), 422],
    ['a missing precondition', Problem.preconditionRequired(), 428],
    ['a thrown text', 'oops', 500],
    ['a thrown undefined', undefined, 500],
  ])('%s becomes its status', async (_, thrown, status) => {
    expect((await failWith(thrown)).status).toBe(status);
  });
});

describe('documents', () => {
  test('/openapi.json describes bodies, queries and problems', async () => {
    const { body } = await call('/openapi.json');
    const document = body as unknown as {
      paths: Record<
        string,
        Record<string, { parameters: { name: string; schema: object }[]; responses: object }>
      >;
      components: { schemas: Record<string, { properties: Record<string, object>; required: string[] }> };
    };
    const rule = document.components.schemas['RuleIn'];
    expect(Object.keys(rule?.properties ?? {})).toEqual(['id', 'name', 'severities', 'all', 'weight']);
    expect(rule?.required).toEqual(['id', 'name', 'severities']);
    const list = document.paths['/api/v1/rules']?.['get'];
    expect(list?.parameters.map(({ name }) => name).sort()).toEqual([
      'accountNo',
      'cursor',
      'limit',
      'state',
      'total',
    ]);
    expect(Object.keys(list?.responses ?? {})).toEqual(expect.arrayContaining(['400', '401', '503']));
    // With a default every answer would be documented, and no test could find one that is not.
    expect(Object.keys(list?.responses ?? {})).not.toContain('default');
    const read = document.paths['/api/v1/rules/{id}']?.['get'];
    expect(read?.parameters[0]?.schema).toEqual({ type: 'string', format: 'uuid' });
  });
});

function rawExchange(bytes: string): Promise<string> {
  const port = Number(new URL(demo.url).port);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

test('the work of a caller runs within what the service wraps around it, a public route does not', async () => {
  const wrapped: string[] = [];
  const own = await startDemo({
    within: ({ subject }, work) => {
      wrapped.push(subject);
      return work();
    },
  });
  try {
    const headers = { 'x-backhaul-principal': tokenOf() };
    expect((await fetch(`${own.url}/api/v1/me`, { headers })).status).toBe(200);
    expect(wrapped).toEqual(['key:abc']);
    expect((await fetch(`${own.url}/openapi.json`)).status).toBe(200);
    expect(wrapped).toHaveLength(1);
  } finally {
    await own.close();
  }
});
