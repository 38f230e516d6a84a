import { createHttpApp, type HttpApp } from '@backhaul/http';
import { createKafka } from '@backhaul/messaging';
import type { Logger } from '@backhaul/telemetry';
import { ApiKeyDirectory } from './api-keys/api-key-directory.js';
import { RateLimiter } from './api-keys/rate-limiter.js';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { serveBrowsers } from './docs/browser-safety.js';
import { Upstreams } from './forwarding/upstreams.js';

const NAME = 'gateway';

/** The gateway, not yet listening; it is ready once all API keys have been read. */
export async function createGateway(config: Readonly<Config>, logger: Logger): Promise<HttpApp> {
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const apiKeys = new ApiKeyDirectory({ kafka, prefix: config.KAFKA_TOPIC_PREFIX }, logger);
  const upstreams = new Upstreams({
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    timeoutMs: config.UPSTREAM_TIMEOUT_MS,
    urls: {
      accounts: config.ACCOUNTS_URL,
      ingestion: config.INGESTION_URL,
      notifications: config.NOTIFICATIONS_URL,
      'ticketing-connectwise': config.TICKETING_CONNECTWISE_URL,
      'ticketing-autotask': config.TICKETING_AUTOTASK_URL,
    },
  });
  const limiter = new RateLimiter({
    perSecond: config.RATE_LIMIT_PER_SECOND,
    burst: config.RATE_LIMIT_BURST,
    nowMs: () => performance.now(),
  });
  const app = await createHttpApp(AppModule.with({ apiKeys, upstreams, limiter }), {
    name: NAME,
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    rawBody: (url) => url.startsWith('/api/v1'),
    setup: serveBrowsers,
    openapi: { title: 'Backhaul gateway' },
    shutdown: { preDrainMs: config.PRE_DRAIN_MS },
    readiness: {
      'api-keys': async () => {
        if (!apiKeys.isReady) throw new Error('API keys are still being read');
      },
    },
    onStop: async () => {
      await apiKeys.close();
      await upstreams.close();
    },
  });
  // Goes on by itself: without Kafka the gateway is alive, not ready, and says 503.
  apiKeys.start();
  return app;
}
