import type { PartnerId } from '@backhaul/domain';
import { createHttpApp, type HttpApp, type Identity, PRINCIPAL_HEADER, programIdentity, signPrincipal } from '@backhaul/http'; // prettier-ignore
import type { Replayer } from '@backhaul/messaging';
import { asCaller } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { AppModule } from '../app.module.js';
import { PARTNER, type TestSystem } from './system.js';

const KEY = 'k'.repeat(32);

export interface RestAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** The HTTP of ticketing over the parts of a test; nothing is dispatched by itself. */
export class TestRest {
  private constructor(private readonly http: HttpApp) {}

  static async start(system: TestSystem, replayer?: Replayer): Promise<TestRest> {
    const { module } = AppModule.with({
      provider: 'connectwise',
      dataSource: system.database.dataSource,
      ports: system.ports,
      setupPorts: { with: () => Promise.reject(new Error('No PSA is asked here')) },
      serviceTokenKey: KEY,
      limits: { maxRatePerMinute: 60, maxInFlight: 1 },
      reopenWithinHours: 168,
      dispatcher: { slots: 1, leaseMs: 1000, idleMs: 1000 },
      execute: { breakerResetMs: 1000, leaseMs: 1000 },
      reconciler: { everyMs: 60_000, batch: 1 },
      checkMapEveryMs: 86_400_000,
      observer: { called: () => undefined, duplicates: () => undefined },
      ...(replayer && { replayer }),
    });
    const http = await createHttpApp(module, {
      name: 'ticketing-connectwise',
      host: '127.0.0.1',
      port: 0,
      managementPort: 0,
      logger: createLogger({ service: 'ticketing', level: 'silent' }),
      serviceTokenKey: KEY,
      within: asCaller,
    });
    return new TestRest(http);
  }

  async call(
    method: 'GET' | 'POST',
    path: string,
    who: Partial<Identity> = {},
    body?: unknown,
  ): Promise<RestAnswer> {
    const program = programIdentity({
      partnerId: PARTNER as PartnerId,
      role: 'partner-senior-manager',
      scopes: [],
      subject: 'key:test',
    });
    const answer = await this.http.fastify.inject({
      method,
      url: path,
      headers: {
        [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, 'ticketing-connectwise'),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = answer.payload === '' ? '{}' : answer.payload;
    return { status: answer.statusCode, body: JSON.parse(text) as RestAnswer['body'] };
  }

  close(): Promise<void> {
    return this.http.app.close();
  }
}
