import { Controller, Get, Header, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  type HealthCheckResult, HealthCheckService, type HealthIndicatorFunction, HealthIndicatorService, TerminusModule,
} from '@nestjs/terminus'; // prettier-ignore
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { collectDefaultMetrics, register } from 'prom-client';
import { LoopWatch } from './loop-watch.js';
import { nestLog } from './nest-log.js';

interface ManagementOptions {
  logger: Logger;
  readiness?: Record<string, () => Promise<void>>;
  isDraining: () => boolean;
}

const CHECK_TIMEOUT_MS = 3000;

/** Health and metrics on a port of their own, which stays up until the very end of a shutdown. */
export async function createManagement(options: ManagementOptions): Promise<FastifyInstance> {
  if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics({ register });
  const adapter = new FastifyAdapter({ forceCloseConnections: true });
  const loop = new LoopWatch();
  const readiness = { ...options.readiness, loop: () => loop.check() };
  const root = managementModule({ ...options, readiness });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    // Nest has one logger for all of a process: none here would silence the whole service.
    logger: nestLog(options.logger),
    abortOnError: false,
  });
  await app.init();
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onClose', (_instance, done) => (loop.stop(), done()));
  await fastify.ready();
  loop.start();
  return fastify;
}

function managementModule(options: ManagementOptions): Type {
  @Controller()
  class ManagementController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly indicators: HealthIndicatorService,
    ) {}

    @Get('health/live')
    live(): Promise<HealthCheckResult> {
      return this.health.check([]);
    }

    @Get('health/ready')
    ready(): Promise<HealthCheckResult> {
      const shutdown = this.indicator('shutdown', () =>
        options.isDraining() ? Promise.reject(new Error('shutting down')) : Promise.resolve(),
      );
      const checks = Object.entries(options.readiness ?? {}).map(([name, check]) =>
        this.indicator(name, check),
      );
      return this.health.check([shutdown, ...checks]);
    }

    @Get('metrics')
    @Header('content-type', register.contentType)
    metrics(): Promise<string> {
      return register.metrics();
    }

    private indicator(name: string, check: () => Promise<void>): HealthIndicatorFunction {
      return async () => {
        const indicator = this.indicators.check(name);
        try {
          await withTimeout(check());
          return indicator.up();
        } catch (error) {
          options.logger.warn({ err: error, check: name }, 'not ready');
          return indicator.down();
        }
      };
    }
  }

  @Module({ imports: [TerminusModule.forRoot({ logger: false })], controllers: [ManagementController] })
  class ManagementModule {}
  return ManagementModule;
}

async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
