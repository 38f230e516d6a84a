import type { PartnerId } from '@backhaul/domain';
import { createHttpApp, type HttpApp, type Identity, PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http'; // prettier-ignore
import type { Provider } from '@backhaul/messaging';
import { asCaller } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { AppModule } from '../app.module.js';
import { PARTNER, type TestSystem } from './system.js';

const KEY = 'k'.repeat(32);

export interface RestAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** The HTTP of billing-sync over the parts of a test; nothing is pushed by itself. */
export class TestRest {
  private constructor(
    private readonly http: HttpApp,
    private readonly service: string,
  ) {}

  static async start(system: TestSystem, provider: Provider = 'connectwise'): Promise<TestRest> {
    const { module } = AppModule.with({
      provider,
      dataSource: system.database.dataSource,
      ports: system.psa,
      push: { slots: 1, leaseMs: 1000, resetMs: 1000, maxPerMinute: 60 },
      observer: () => undefined,
      replayer: { replay: async () => undefined },
    });
    const service = `billing-sync-${provider}`;
    const http = await createHttpApp(module, {
      name: service,
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logger: createLogger({ service, level: 'silent' }),
      serviceTokenKey: KEY,
      within: asCaller,
    });
    return new TestRest(http, service);
  }

  /** @param path below `/api/v1/` */
  async call(
    method: string,
    path: string,
    who: Partial<Identity> = {},
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<RestAnswer> {
    const program = programIdentity({ partnerId: PARTNER as PartnerId, role: 'partner-senior-manager', scopes: [], subject: 'key:test' }); // prettier-ignore
    const answer = await this.http.fastify.inject({
      method: method as 'GET',
      url: `/api/v1/${path}`,
      headers: {
        ...headers,
        [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, this.service),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const text = answer.payload === '' ? '{}' : answer.payload;
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: JSON.parse(text) as RestAnswer['body'],
    };
  }

  async openapi(): Promise<{ paths: Record<string, object> }> {
    return JSON.parse((await this.http.fastify.inject('/openapi.json')).body) as never;
  }

  close(): Promise<void> {
    return this.http.app.close();
  }
}
