import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

export interface ShutdownTimes {
  /** Between readiness 503 and closing the port; what a balancer needs to notice. 5000 in Kubernetes. */
  preDrainMs: number;
  /** For requests in flight; their connections are cut after. */
  drainMs: number;
  /** From the signal; then the process ends, whatever still runs. */
  hardKillMs: number;
}

export const SHUTDOWN_TIMES: ShutdownTimes = { preDrainMs: 0, drainMs: 20_000, hardKillMs: 45_000 };

interface ShutdownParts {
  app: INestApplication;
  fastify: FastifyInstance;
  management: FastifyInstance;
  state: { isDraining: boolean };
  times: ShutdownTimes;
  logger: Logger;
  onDrain?: () => Promise<void>;
  onStop?: () => Promise<void>;
}

/** Not ready, drain HTTP, stop claiming, leave the consumer groups, release the rest. Each step runs though another failed. */
export async function shutDown(parts: ShutdownParts): Promise<void> {
  const { logger, times } = parts;
  parts.state.isDraining = true;
  logger.info('shutting down');
  await sleep(times.preDrainMs);
  await step(logger, 'drain HTTP', () => drain(parts.fastify, times.drainMs));
  await step(logger, 'drain work', parts.onDrain);
  await step(logger, 'close the application', () => parts.app.close());
  await step(logger, 'stop', parts.onStop);
  await step(logger, 'close management', () => parts.management.close());
  logger.info('stopped');
}

async function drain(fastify: FastifyInstance, drainMs: number): Promise<void> {
  const cut = setTimeout(() => fastify.server.closeAllConnections(), drainMs);
  await fastify.close();
  clearTimeout(cut);
}

async function step(logger: Logger, name: string, work: (() => Promise<unknown>) | undefined): Promise<void> {
  try {
    await work?.();
  } catch (error) {
    logger.error({ err: error }, `could not ${name}`);
  }
}

/** SIGTERM and SIGINT end the process with 0 after `close`, or with 1 when that takes too long. */
export function onSignals(close: () => Promise<void>, logger: Logger, times: ShutdownTimes): void {
  const end = (): void => {
    setTimeout(() => {
      logger.fatal({ hardKillMs: times.hardKillMs }, 'shutdown took too long');
      process.exit(1);
    }, times.hardKillMs).unref();
    void close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}
