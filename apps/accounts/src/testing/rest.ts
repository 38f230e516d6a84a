import { randomBytes } from 'node:crypto';
import {
  type AccountNo,
  type BrandId,
  type Clock,
  type PartnerId,
  Secret,
  systemClock,
} from '@backhaul/domain';
import {
  CLIENT_HEADER,
  createHttpApp,
  type HttpApp,
  type Identity,
  PLATFORM,
  PRINCIPAL_HEADER,
  type Role,
  programIdentity,
  signPrincipal,
  signService,
} from '@backhaul/http';
import { asCaller, Keyring, UnitOfWork } from '@backhaul/persistence';
import { Egress } from '@backhaul/psa';
import { createLogger } from '@backhaul/telemetry';
import { AuditRepository } from '../audit/audit.repository.js';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { BrandRepository } from '../brands/brand.repository.js';
import { ApiKeyRepository } from '../api-keys/api-key.repository.js';
import { ChangeApiKeysHandler } from '../api-keys/change-api-keys.handler.js';
import { AppModule, type AppParts } from '../app.module.js';
import { ENTITIES } from '../database.js';
import { MIGRATIONS } from '../migrations.js';
import { CreatePartnerHandler } from '../partners/create-partner.handler.js';

export const PUBLIC_URL = 'https://portal.backhaul.example';
export const TOKEN_KEY = 'k'.repeat(32);

export interface Answer {
  status: number;
  etag: string;
  headers: Record<string, unknown>;
  body: Record<string, unknown> & {
    items?: Record<string, unknown>[];
    errors?: { pointer: string; rule: string }[];
  };
}

/** Where calls come from, as the gateway would say. */
export const CLIENT = { ip: '192.0.2.7', userAgent: 'a test', sessionHash: null };

export interface Call {
  /** Text goes out as it is. */
  body?: unknown;
  /** Who asks; our partner by default. */
  partnerId?: PartnerId;
  role?: Role;
  /** Sees what hangs below this brand only. */
  brandId?: string;
  /** A person logged in with this account. */
  accountNo?: number;
  /** What else the gateway says of them. */
  as?: Partial<Identity>;
  ifMatch?: string;
  key?: string;
  type?: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The service's REST over a database of the suite's own, with two partners that know nothing of each other. */
export class TestRest {
  ours: PartnerId;
  theirs: PartnerId;
  readonly unitOfWork: UnitOfWork;

  private constructor(
    readonly database: TestDatabase,
    readonly http: HttpApp,
    readonly keyring: Keyring,
    /** Base64. */
    readonly kek: string,
    readonly clock: Clock,
    private readonly onClose: () => Promise<void>,
  ) {
    this.unitOfWork = new UnitOfWork(database.dataSource);
  }

  static async start(
    allow: string[] = [],
    clock: Clock = systemClock,
    otherKeks = '',
    more: Partial<AppParts> = {},
  ): Promise<TestRest> {
    const database = await testDatabase({ migrations: MIGRATIONS, entities: ENTITIES });
    const egress = new Egress({ allow });
    const kek = randomBytes(32).toString('base64');
    const keyring = Keyring.of(kek, otherKeks);
    const fingerprintKey = new Secret(randomBytes(32));
    const { dataSource } = database;
    const soapEndsAt = '2020-01-01T00:00:00Z';
    const serviceTokenKey = TOKEN_KEY;
    const publicUrl = PUBLIC_URL;
    const parts = {
      dataSource,
      keyring,
      fingerprintKey,
      egress,
      soapEndsAt,
      serviceTokenKey,
      publicUrl,
      clock,
      ...more,
    };
    const http = await createHttpApp(AppModule.with(parts), {
      name: 'accounts',
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logger: createLogger({ service: 'accounts', level: 'silent' }),
      serviceTokenKey: TOKEN_KEY,
      within: asCaller,
    });
    await http.app.init();
    const rest = new TestRest(database, http, keyring, kek, clock, () => egress.close());
    rest.ours = await rest.partner('Ours');
    rest.theirs = await rest.partner('Theirs');
    return rest;
  }

  async close(): Promise<void> {
    await this.http.close();
    await this.onClose();
    await this.database.close();
  }

  async partner(name: string): Promise<PartnerId> {
    const keys = new ChangeApiKeysHandler(
      this.unitOfWork,
      new ApiKeyRepository(this.database.dataSource),
      new BrandRepository(this.database.dataSource),
      new AuditRepository(this.unitOfWork),
    );
    return (await new CreatePartnerHandler(this.unitOfWork, keys).create(name)).partnerId;
  }

  /** `path` below `/api/v1/`. */
  async call(method: Method, path: string, options: Call = {}): Promise<Answer> {
    const { body, role = 'partner-senior-manager', ifMatch, key, type } = options;
    const partnerId = options.partnerId ?? (role === 'platform-operator' ? PLATFORM : this.ours);
    const principal: Identity = {
      ...programIdentity({ partnerId, role, scopes: [], subject: 'key:test' }),
      brandId: (options.brandId as BrandId | undefined) ?? null,
      accountNo: (options.accountNo as AccountNo | undefined) ?? null,
      ...options.as,
    };
    const answer = await this.http.fastify.inject({
      method,
      url: `/api/v1/${path}`,
      headers: {
        [PRINCIPAL_HEADER]: signPrincipal(TOKEN_KEY, principal, 'accounts'),
        [CLIENT_HEADER]: signService(TOKEN_KEY, 'client', CLIENT),
        ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      etag: String(answer.headers['etag']),
      headers: answer.headers,
      body: answer.payload === '' ? {} : (JSON.parse(answer.payload) as Answer['body']),
    };
  }

  /** What was published under the key, oldest first; null is a tombstone. */
  async published(topic: string, key: string): Promise<(Record<string, unknown> | null)[]> {
    const rows = await this.unitOfWork.query<{ payload: string | null }>(
      'SELECT payload FROM outbox WHERE topic = $1 AND key = $2 ORDER BY xid, seq',
      [topic, key],
    );
    return rows.map(({ payload }) =>
      payload === null ? null : (JSON.parse(payload) as Record<string, unknown>),
    );
  }

  async customer(name = 'ACME', partnerId: PartnerId = this.ours): Promise<{ custId: number; etag: string }> {
    const { status, body, etag } = await this.call('POST', 'customers', { body: { name }, partnerId });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return { custId: Number(body['custId']), etag };
  }

  /** Credentials for the PSA and settings that are on. */
  async connected(provider: 'connectwise' | 'autotask', body: object): Promise<void> {
    const put = async (what: string, form: object): Promise<void> => {
      const { etag } = await this.call('GET', `psa/${provider}/${what}`);
      const answer = await this.call('PUT', `psa/${provider}/${what}`, { body: form, ifMatch: etag });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    };
    await put('connection', body);
    await put('settings', { enabled: true });
  }
}

export const pointersOf = ({ body }: Answer): string[] => (body.errors ?? []).map(({ pointer }) => pointer);

export const CONNECTWISE = {
  siteUrl: 'https://na.myconnectwise.net/',
  companyId: 'acme',
  publicKey: 'publicKey1',
  privateKey: 'privateKey1',
  solutionName: 'Backhaul',
};
export const AUTOTASK = {
  username: 'api@acme.example',
  password: 'autotaskSecret1',
  trackingIdentifier: 'TRACKING1',
};
