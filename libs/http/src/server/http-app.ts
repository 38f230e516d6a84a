import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { openApiOf } from '../openapi/openapi.js';
import { PrincipalGuard } from '../principals/principal.guard.js';
import { undecidedRoutes } from '../principals/undecided-routes.js';
import { type Within, WithinInterceptor } from '../principals/within.interceptor.js';
import type { LoadShedder } from '../shedding/load-shedder.js';
import { ProblemFilter } from '../problems/problem.filter.js';
import { StrictQueryInterceptor } from '../validation/strict-query.interceptor.js';
import { ValidationPipe } from '../validation/validation.pipe.js';
import type { BodyLimits } from './body-watch.js';
import type { ConnectionLimits } from './connection-limit.js';
import { createFastify } from './fastify.js';
import type { JsonLimits } from './json-limits.js';
import { listenOn } from './listen.js';
import { createManagement } from './management.js';
import { nestLog } from './nest-log.js';
import { rememberRoutes } from './routes.js';
import { onSignals, shutDown, type ShutdownTimes, SHUTDOWN_TIMES } from './shutdown.js';

export interface HttpAppOptions {
  /** The service's name; also the audience of the principals it accepts, unless `audience` says otherwise. */
  name: string;
  audience?: string;
  host: string;
  port: number;
  managementPort: number;
  /** Default 1 MiB. */
  bodyLimitBytes?: number;
  jsonLimits?: Partial<JsonLimits>;
  /** URLs, with their query, whose handlers get the body as a Buffer, of any content type. */
  rawBody?: (url: string) => boolean;
  /** How long a body may take, and how much all together may be. */
  bodyLimits?: Partial<BodyLimits>;
  /** What the descriptors of the process allow, unless a test says otherwise. */
  connectionLimits?: ConnectionLimits;
  logger: Logger;
  /** Each must resolve for `/health/ready` to answer 200. */
  readiness?: Record<string, () => Promise<void>>;
  microservices?: CustomTransportStrategy[];
  /** Without it every route that is not public answers 401. */
  serviceTokenKey?: string;
  /** Wraps the handler of every request that has a principal. */
  within?: Within;
  /** Sends away what can wait under load; looks from the moment the app listens. */
  shedder?: LoadShedder;
  /** Registers Fastify plugins and hooks before Nest's routes are. */
  setup?: (fastify: FastifyInstance) => Promise<void>;
  openapi?: { title: string; description?: string };
  /** After HTTP has drained: stop claiming work, let calls in flight finish. */
  onDrain?: () => Promise<void>;
  /** After consumers have left their groups: release leases, end pools. */
  onStop?: () => Promise<void>;
  shutdown?: Partial<ShutdownTimes>;
}

export interface HttpApp {
  app: NestFastifyApplication;
  fastify: FastifyInstance;
  /** Both ports, then consumers; throws PortInUseError. SIGTERM and SIGINT then stop it and exit. */
  listen(): Promise<void>;
  /** The graceful shutdown, without the exit. */
  close(): Promise<void>;
}

/**
 * One service: Nest on Fastify with our rules of HTTP, its management port and its orderly end.
 * Throws where a route names neither roles nor `@Public()`: forgotten must not mean open.
 */
export async function createHttpApp(rootModule: Type | object, options: HttpAppOptions): Promise<HttpApp> {
  const state = { isDraining: false };
  const adapter = createFastify(options, state);
  const fastify: FastifyInstance = adapter.getInstance();
  const allowedMethods = rememberRoutes(fastify);
  const openapi = { document: {} as object };
  fastify.get('/openapi.json', () => openapi.document);

  const app = await NestFactory.create<NestFastifyApplication>(rootModule as Type, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLog(options.logger),
  });
  await options.setup?.(fastify);
  options.shedder?.guard(fastify);
  app.useGlobalFilters(new ProblemFilter(allowedMethods));
  app.useGlobalGuards(new PrincipalGuard(options.serviceTokenKey, options.audience ?? options.name));
  app.useGlobalInterceptors(
    ...(options.within ? [new WithinInterceptor(options.within)] : []),
    new StrictQueryInterceptor(),
  );
  app.useGlobalPipes(new ValidationPipe());
  for (const strategy of options.microservices ?? []) {
    app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  }
  await app.init();
  await fastify.ready();
  const undecided = undecidedRoutes(app);
  if (undecided.length > 0) throw new Error(`No roles and not public: ${undecided.join(', ')}`);
  openapi.document = openApiOf(app, options.openapi ?? { title: options.name });
  const management = await createManagement({ ...options, isDraining: () => state.isDraining });

  let closing: Promise<void> | null = null;
  const times = { ...SHUTDOWN_TIMES, ...options.shutdown };
  const close = (): Promise<void> =>
    (closing ??= shutDown({ app, fastify, management, state, times, ...options }).finally(() =>
      options.shedder?.stop(),
    ));
  return { app, fastify, close, listen: () => listenAll(app, fastify, management, options, close) };
}

async function listenAll(
  app: NestFastifyApplication,
  fastify: FastifyInstance,
  management: FastifyInstance,
  options: HttpAppOptions,
  close: () => Promise<void>,
): Promise<void> {
  const { host, logger } = options;
  await listenOn(management, host, options.managementPort, 'MANAGEMENT_PORT');
  await listenOn(fastify, host, options.port, 'PORT');
  onSignals(close, logger, { ...SHUTDOWN_TIMES, ...options.shutdown });
  await app.startAllMicroservices();
  // Not before: loading its code keeps a process busy as nothing does later.
  options.shedder?.start();
  logger.info({ host, port: options.port, managementPort: options.managementPort }, 'listening');
}
