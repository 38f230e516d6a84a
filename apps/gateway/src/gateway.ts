import { type Clock, systemClock } from '@backhaul/domain';
import { createHttpApp, type HttpApp, KeyUses, LoadShedder, networksOf, processProbe } from '@backhaul/http';
import {
  accountsApiKeys,
  accountsPartners,
  createKafka,
  Publisher,
  tellApiKeyUses,
  TopicDirectory,
} from '@backhaul/messaging';
import type { Logger } from '@backhaul/telemetry';
import { AppModule } from './app.module.js';
import { AccountsAuthenticator } from './authentication/accounts.authenticator.js';
import { ApiKeyAuthenticator } from './authentication/api-key.authenticator.js';
import type { Limiters } from './authentication/authentication.guard.js';
import { RateLimiter } from './authentication/rate-limiter.js';
import { Suspensions } from './authentication/suspensions.js';
import type { Config } from './config.js';
import { serveBrowsers } from './docs/browser-safety.js';
import { answerProblemsInTheirWords, isExternal } from './external/external-answers.js';
import { Upstreams } from './forwarding/upstreams.js';
import { ChangeFeed } from './streams/change-feed.js';
import { Streams } from './streams/streams.js';

const NAME = 'gateway';

/** The gateway, not yet listening; it is ready once all API keys and partners have been read. */
export async function createGateway(
  config: Readonly<Config>,
  logger: Logger,
  clock: Clock = systemClock,
): Promise<HttpApp> {
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS.split(','), clientId: NAME });
  const topics = { kafka, prefix: config.KAFKA_TOPIC_PREFIX };
  const apiKeys = new TopicDirectory({ ...topics, topic: accountsApiKeys });
  const partners = new TopicDirectory({ ...topics, topic: accountsPartners });
  const suspensions = new Suspensions(partners);
  const publisher = new Publisher(kafka, { prefix: config.KAFKA_TOPIC_PREFIX });
  const uses = new KeyUses({
    now: () => clock.now(),
    tell: (batch) => tellApiKeyUses(publisher, apiKeys, batch),
    onError: (error) => logger.warn({ err: error }, 'uses of API keys cannot be told yet'),
  });
  const upstreams = upstreamsOf(config);
  const feed = new ChangeFeed({ kafka, prefix: config.KAFKA_TOPIC_PREFIX, clock, logger });
  const streams = streamsOf(config, feed, clock, suspensions);
  const parts = {
    upstreams,
    streams,
    apiKeys: new ApiKeyAuthenticator(apiKeys, suspensions, uses),
    suspensions,
    accounts: new AccountsAuthenticator((shown) => upstreams.whoseIs(shown), clock),
    limiters: limitersOf(config, clock),
    proxies: networksOf(config.TRUSTED_PROXIES),
  };
  const app = await createHttpApp(AppModule.with(parts), {
    name: NAME,
    ...(config.LOAD_SHEDDING === 'on' && { shedder: new LoadShedder(processProbe()) }),
    host: config.HOST,
    port: config.PORT,
    managementPort: config.MANAGEMENT_PORT,
    logger,
    rawBody: (url) => url.startsWith('/api/v1') || isExternal(url),
    setup: async (fastify) => {
      // Before the connections are waited for: a stream has no end of its own.
      fastify.addHook('preClose', async () => streams.close());
      await serveBrowsers(fastify);
      answerProblemsInTheirWords(fastify);
    },
    openapi: { title: 'Backhaul gateway' },
    shutdown: { preDrainMs: config.PRE_DRAIN_MS },
    readiness: {
      'api-keys': () => hasRead(apiKeys),
      partners: () => hasRead(partners),
    },
    onStop: async () => {
      await feed.close();
      await uses.flush();
      await publisher.close();
      await apiKeys.close();
      await partners.close();
      await upstreams.close();
    },
  });
  // Goes on by itself: without Kafka the gateway is alive, not ready, and says 503.
  apiKeys.start();
  partners.start();
  return app;
}

async function hasRead({ isReady }: { isReady: boolean }): Promise<void> {
  if (!isReady) throw new Error('Its topic is still being read.');
}

const upstreamsOf = (config: Readonly<Config>): Upstreams =>
  new Upstreams({
    serviceTokenKey: config.SERVICE_TOKEN_KEY,
    timeoutMs: config.UPSTREAM_TIMEOUT_MS,
    urls: {
      accounts: config.ACCOUNTS_URL,
      ingestion: config.INGESTION_URL,
      notifications: config.NOTIFICATIONS_URL,
      'ticketing-connectwise': config.TICKETING_CONNECTWISE_URL,
      'ticketing-autotask': config.TICKETING_AUTOTASK_URL,
      'billing-sync-connectwise': config.BILLING_SYNC_CONNECTWISE_URL,
      'billing-sync-autotask': config.BILLING_SYNC_AUTOTASK_URL,
    },
  });

function streamsOf(
  { STREAMS_PER_PERSON: perPerson, STREAMS: inAll }: Readonly<Config>,
  feed: ChangeFeed,
  clock: Clock,
  suspensions: Suspensions,
): Streams {
  return new Streams(feed, { perPerson, inAll }, clock, suspensions);
}

function limitersOf(config: Readonly<Config>, clock: Clock): Limiters {
  const nowMs = (): number => clock.monotonicMs();
  const { RATE_LIMIT_PER_SECOND: perSecond, RATE_LIMIT_BURST: burst } = config;
  const { RATE_LIMIT_PARTNER_PER_SECOND, RATE_LIMIT_PARTNER_BURST } = config;
  return {
    subject: new RateLimiter({ perSecond, burst, nowMs }),
    partner: new RateLimiter({
      perSecond: RATE_LIMIT_PARTNER_PER_SECOND,
      burst: RATE_LIMIT_PARTNER_BURST,
      nowMs,
    }),
    refusals: new RateLimiter({
      perSecond: config.REFUSALS_PER_SECOND,
      burst: config.REFUSALS_BURST,
      nowMs,
    }),
  };
}
