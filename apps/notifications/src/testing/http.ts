import type { AccountNo, BrandId, PartnerId } from '@backhaul/domain';
import { createHttpApp, type HttpApp, PRINCIPAL_HEADER, programIdentity, type Role, signPrincipal } from '@backhaul/http'; // prettier-ignore
import { createKafka, Publisher } from '@backhaul/messaging';
import { asCaller, OutboxSource, Relay } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { AppModule, type AppParts } from '../app.module.js';
import { PARTNER } from './builders.js';
import { TOKEN_KEY, type TestSystem } from './system.js';

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown> & {
    items?: Record<string, unknown>[];
    errors?: { pointer: string; rule: string }[];
  };
}

export interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  partnerId?: PartnerId;
  brandId?: BrandId;
  role?: Role;
  accountNo?: AccountNo;
  /** Before the path. */
  base?: string;
}

/** The service's surface over the parts of a test, without a port. */
export class TestHttp {
  private constructor(private readonly http: HttpApp) {}

  static async start(system: TestSystem, over: Partial<AppParts> = {}): Promise<TestHttp> {
    const { dataSource } = system.database;
    // Neither is started: such a suite speaks HTTP alone.
    const publisher = new Publisher(createKafka({ brokers: ['127.0.0.1:1'], clientId: 'none' }));
    const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
    const http = await createHttpApp(AppModule.with({ ...system.parts, relay, ...over }), {
      name: 'notifications',
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logger: createLogger({ service: 'notifications', level: 'silent' }),
      serviceTokenKey: TOKEN_KEY,
      within: asCaller,
    });
    return new TestHttp(http);
  }

  async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: Call = {}): Promise<Answer> {
    const {
      body,
      headers = {},
      partnerId = PARTNER,
      brandId,
      role = 'partner-senior-manager',
      accountNo,
      base = '/api/v1/',
    } = options;
    const who = { partnerId, role, scopes: [], subject: 'key:test', brandId: brandId ?? null };
    const identity = { ...programIdentity(who), accountNo: accountNo ?? null };
    const answer = await this.http.fastify.inject({
      method,
      url: base + path,
      headers: {
        [PRINCIPAL_HEADER]: signPrincipal(TOKEN_KEY, identity, 'notifications'),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const text = answer.payload === '' ? '{}' : answer.payload;
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(text) as Answer['body'] };
  }

  close(): Promise<void> {
    return this.http.app.close();
  }
}

/** `400 /scope/custIds`, one for each field that was refused. */
export const refusals = ({ status, body }: Answer): string[] =>
  (body.errors ?? []).map(({ pointer }) => `${status} ${pointer}`);
