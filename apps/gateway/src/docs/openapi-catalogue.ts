import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Upstreams } from '../forwarding/upstreams.js';
import { API_PREFIX, findRoute, type Upstream, UPSTREAMS } from '../routes/route-table.js';
import { mergeOpenApi, type OpenApi } from './merge-openapi.js';

const FRESH_MS = 60_000;
/** A service that was missing is asked again sooner. */
const RETRY_MS = 5_000;

/** The services' documents as one, cached; a service that is down is shown as it last was, or named as missing. */
@Injectable()
export class OpenApiCatalogue {
  private readonly logger = new Logger('OpenApiCatalogue');
  private readonly known = new Map<Upstream, OpenApi>();
  private cached: { document: object; untilMs: number } | null = null;
  private running: Promise<object> | null = null;

  constructor(
    private readonly upstreams: Upstreams,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  async read(nowMs: number): Promise<object> {
    if (this.cached && nowMs < this.cached.untilMs) return this.cached.document;
    this.running ??= this.refresh(nowMs).finally(() => (this.running = null));
    return this.running;
  }

  private async refresh(nowMs: number): Promise<object> {
    const answered = await Promise.all(UPSTREAMS.map((upstream) => this.refreshOne(upstream)));
    const missing = UPSTREAMS.filter((upstream) => !this.known.has(upstream));
    const documents = [
      ...[...this.known].map(([service, document]) => ({ service: service, document })),
      { service: 'gateway', document: await this.own() },
    ];
    const merged = mergeOpenApi(documents, isReachable);
    const document = {
      openapi: '3.0.0',
      info: { title: 'Backhaul', version: '1', description: describe(missing) },
      servers: [{ url: '/' }],
      ...merged,
      ...(missing.length > 0 ? { 'x-missing-services': missing } : {}),
    };
    this.cached = { document, untilMs: nowMs + (answered.every(Boolean) ? FRESH_MS : RETRY_MS) };
    return document;
  }

  /** What the gateway answers itself. */
  private async own(): Promise<OpenApi> {
    const fastify = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    return JSON.parse((await fastify.inject('/openapi.json')).body) as OpenApi;
  }

  private async refreshOne(upstream: Upstream): Promise<boolean> {
    try {
      this.known.set(upstream, (await this.upstreams.readPublic(upstream, '/openapi.json')) as OpenApi);
      return true;
    } catch (error) {
      this.logger.warn(`${upstream} does not show its OpenAPI document: ${String(error)}`);
      return false;
    }
  }
}

function isReachable(method: string, path: string): boolean {
  const found = path.startsWith(API_PREFIX) ? findRoute(method, path.replace(/\{[^}]+\}/g, 'x')) : null;
  return found !== null && 'route' in found;
}

function describe(missing: readonly string[]): string {
  const about = 'What partners and their programs may ask. Send an API key as `Authorization: Bearer`.';
  return missing.length === 0
    ? about
    : `${about}\n\nNot answering right now, so not shown: ${missing.join(', ')}.`;
}
