import { createHash } from 'node:crypto';
import {
  CLIENT_HEADER, type Identity, PRINCIPAL_HEADER, type Role, SERVICE_HEADER, signPrincipal, signService,
} from '@backhaul/http'; // prettier-ignore
import { type Answer, type Method, type TestRest, TOKEN_KEY } from './rest.js';

const PASSWORD = 'a lamp on the quiet stair';

/** A person at a browser, with what the gateway does in between: the cookie becomes a principal. */
export class Browser {
  /** What the session cookie holds. */
  cookie: string | null = null;

  constructor(
    private readonly rest: TestRest,
    readonly ip = '192.0.2.7',
  ) {}

  async call(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const found = this.cookie === null ? null : await this.authenticate();
    if (found && found.status !== 200) return found;
    const principal = found && (found.body as unknown as Identity);
    const answer = await this.rest.http.fastify.inject({
      method,
      url: `/api/v1/${path}`,
      headers: {
        [CLIENT_HEADER]: signService(TOKEN_KEY, 'client', this.client),
        ...(principal && { [PRINCIPAL_HEADER]: signPrincipal(TOKEN_KEY, principal, 'accounts') }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const [, secret] = /^__Host-sid=([\w-]*);/.exec(String(answer.headers['set-cookie'])) ?? [];
    if (secret !== undefined) this.cookie = secret === '' ? null : secret;
    return answerOf(answer);
  }

  logIn({ username, password }: Pick<TestAccount, 'username' | 'password'>, code?: string): Promise<Answer> {
    return this.call('POST', 'session', { username, password, ...(code !== undefined && { code }) });
  }

  /** What accounts tells the gateway about the cookie. */
  authenticate(): Promise<Answer> {
    return authenticate(this.rest, {
      kind: 'session',
      secret: this.client.sessionHash ?? 'none',
      ip: this.ip,
    });
  }

  async identity(): Promise<Identity> {
    const { status, body } = await this.authenticate();
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body as unknown as Identity;
  }

  private get client(): { ip: string; userAgent: string; sessionHash: string | null } {
    const sessionHash = this.cookie && createHash('sha256').update(this.cookie).digest('hex');
    return { ip: this.ip, userAgent: `a browser at ${this.ip}`, sessionHash };
  }
}

/** As the gateway asks. */
export async function authenticate(rest: TestRest, body: object): Promise<Answer> {
  return answerOf(
    await rest.http.fastify.inject({
      method: 'POST',
      url: '/internal/authentications',
      headers: {
        [SERVICE_HEADER]: signService(TOKEN_KEY, 'authentication'),
        'content-type': 'application/json',
      },
      payload: JSON.stringify(body),
    }),
  );
}

export interface TestAccount {
  accountNo: number;
  username: string;
  password: string;
  etag: string;
}

/** An account with a password of its own. */
export async function account(
  rest: TestRest,
  role: Role,
  { username = '', password = '', partnerId = rest.ours, custId = 0 } = {},
): Promise<TestAccount> {
  made += 1;
  const login = { username: username || `somebody-${made}`, password: password || `${PASSWORD} ${made}` };
  const customer = custId || (await rest.customer('ACME', partnerId)).custId;
  const answer = await rest.call('POST', 'accounts', {
    body: { custId: customer, ...login, role },
    partnerId,
  });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return { accountNo: Number(answer.body['accountNo']), ...login, etag: answer.etag };
}

let made = 0;

interface Injected {
  statusCode: number;
  headers: Record<string, unknown>;
  payload: string;
}

const answerOf = ({ statusCode, headers, payload }: Injected): Answer => ({
  status: statusCode,
  etag: String(headers['etag']),
  headers,
  body: payload === '' ? {} : (JSON.parse(payload) as Answer['body']),
});
