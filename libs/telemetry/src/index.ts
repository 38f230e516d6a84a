export {
  DatabaseSettings,
  ListenSettings,
  DatabaseAndKafkaSettings,
  ownerUrlOf,
  ServiceSettings,
  StoringServiceSettings,
} from './common-settings.js';
export { consumerMetrics, type ConsumerMetrics } from './consumer-metrics.js';
export { createLogger, describeError, type LoggerOptions } from './logger.js';
export { counter, DURATION_BUCKETS, gauge, histogram, registry, startDefaultMetrics } from './metrics.js';
export { nestLogger } from './nest-logger.js';
export { type Backlog, outboxMetrics } from './outbox-metrics.js';
export { scrubLine, scrubText } from './scrub.js';
export { readSettings } from './settings.js';
export { traceparent, withTraceparent } from './trace.js';
export type { Logger } from 'pino';
export { deadLetterMetrics } from './dead-letter-metrics.js';
