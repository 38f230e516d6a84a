import { Logger } from '@nestjs/common';
import { type Kafka, type logLevel } from 'kafkajs';
import kafkajs from 'kafkajs';

export interface KafkaSettings {
  brokers: string[];
  clientId: string;
}

/** kafkajs logs what it retries as errors; a retried request is nobody's business yet. */
function logCreator() {
  const logger = new Logger('Kafka');
  return ({ level, log }: { level: logLevel; log: { message: string; [extra: string]: unknown } }) => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
    const line = { msg: message, ...fields };
    const isRetried = /Response|Connection|coordinator|Retry|heartbeat|rebalanc/i.test(message);
    if (level === kafkajs.logLevel.ERROR && !isRetried) logger.error(line);
    else if (level <= kafkajs.logLevel.WARN && !isRetried) logger.warn(line);
    else logger.debug(line);
  };
}

/** A client with explicit retries: kafkajs takes other defaults when NODE_ENV is `test`. */
export function createKafka({ brokers, clientId }: KafkaSettings): Kafka {
  return new kafkajs.Kafka({
    brokers,
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 20_000,
    retry: { initialRetryTime: 200, maxRetryTime: 5000, retries: 5 },
    logCreator,
  });
}
