import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, Problem } from '@backhaul/http';
import { type ForwardedRequest, Upstreams } from '../forwarding/upstreams.js';
import type { Upstream } from '../routes/route-table.js';
import { mergePages, type Position, type SourcePage } from './merge.js';

interface MergedPage {
  items: unknown[];
  nextCursor: string | null;
  total?: number;
  totalIsExact?: boolean;
  /** Services whose share is missing now; a later request with the same cursor may bring it. */
  warnings?: string[];
}

interface Answered {
  upstream: Upstream;
  page: SourcePage & { total?: number; totalIsExact?: boolean };
}

const START: Position = { cursor: null, afterId: null };
const MAX_LIMIT = 200;

/** One list over several services; with one of them down, the others' share and a warning. */
@Injectable()
export class MergedLists {
  constructor(private readonly upstreams: Upstreams) {}

  async merged(request: ForwardedRequest, sources: readonly Upstream[]): Promise<MergedPage> {
    const url = new URL(request.url, 'http://gateway');
    const limit = limitOf(url);
    const positions = positionsOf(sources, url.searchParams.get('cursor'));
    const asked = sources.filter((_, index) => positions[index] !== null);
    const results = await Promise.allSettled(
      asked.map((upstream) =>
        this.fetch(upstream, request, url, positions[sources.indexOf(upstream)] ?? START, limit),
      ),
    );
    const answered = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected'
        ? [{ error: result.reason as unknown, upstream: asked[index] as Upstream }]
        : [],
    );
    const refusal = failures.find(({ error }) => !(error instanceof Problem) || error.status < 500);
    if (refusal || answered.length === 0) {
      const error = (refusal ?? failures[0])?.error;
      throw error instanceof Error ? error : Problem.unavailable(5);
    }
    return pageOf(
      sources,
      answered,
      positions,
      limit,
      failures.map(({ upstream }) => upstream),
    );
  }

  private async fetch(
    upstream: Upstream,
    request: ForwardedRequest,
    url: URL,
    at: Position,
    limit: number,
  ): Promise<Answered> {
    const query = new URLSearchParams(url.search);
    // Behind `afterId` there must be room for a whole page.
    query.set('limit', String(at.afterId === null ? limit : MAX_LIMIT));
    query.delete('cursor');
    if (at.cursor !== null) query.set('cursor', at.cursor);
    const answer = await this.upstreams.send(upstream, {
      ...request,
      method: 'GET',
      body: null,
      url: `${url.pathname}?${query.toString()}`,
    });
    const body = (await answer.body.json()) as Answered['page'] & { title?: string; detail?: string };
    if (answer.statusCode === 200) return { upstream, page: body };
    if (answer.statusCode >= 500)
      throw Problem.unavailable(5, `The ${upstream} service cannot answer right now.`);
    throw new Problem({
      ...body,
      status: answer.statusCode,
      slug: 'invalid-request',
      title: body.title ?? 'Invalid request',
      detail: body.detail ?? 'The list refused the request.',
    });
  }
}

function pageOf(
  all: readonly Upstream[],
  answered: Answered[],
  positions: (Position | null)[],
  limit: number,
  missing: Upstream[],
): MergedPage {
  const sources = answered.map(({ upstream, page }) => ({
    page,
    at: positions[all.indexOf(upstream)] ?? START,
  }));
  const merged = mergePages(sources, limit);
  const next = [...positions];
  answered.forEach(({ upstream }, index) => (next[all.indexOf(upstream)] = merged.positions[index] ?? null));
  const totals = answered.map(({ page }) => page.total);
  const isCounted = totals.every((total) => total !== undefined);
  const isExact = missing.length === 0 && answered.every(({ page }) => page.totalIsExact !== false);
  const hasMore = answered.some((_, index) => merged.positions[index] !== null);
  return {
    items: merged.items,
    nextCursor: hasMore ? cursorOf(next) : null,
    ...(isCounted ? { total: totals.reduce<number>((sum, total) => sum + (total ?? 0), 0) } : {}),
    ...(isCounted && !isExact ? { totalIsExact: false } : {}),
    ...(missing.length > 0
      ? { warnings: missing.map((name) => `${name} cannot be reached: its share is missing`) }
      : {}),
  };
}

function limitOf(url: URL): number {
  const values = url.searchParams.getAll('limit');
  const limit = values.length === 0 ? 50 : Number(values[0]);
  const isGood =
    values.length < 2 && Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT && values[0] !== '';
  if (!isGood)
    throw Problem.badRequest([{ pointer: '/limit', detail: `must be 1 to ${MAX_LIMIT}`, rule: 'limit' }]);
  return limit;
}

function cursorOf(positions: (Position | null)[]): string {
  return encodeCursor(positions.flatMap((at) => [at !== null, at?.cursor ?? null, at?.afterId ?? null]));
}

function positionsOf(sources: readonly Upstream[], cursor: string | null): (Position | null)[] {
  if (cursor === null) return sources.map(() => START);
  const values = decodeCursor(cursor);
  return sources.map((_, index) => {
    const [isOpen, at, afterId] = values.slice(index * 3, index * 3 + 3);
    return isOpen === true ? { cursor: textOrNull(at), afterId: textOrNull(afterId) } : null;
  });
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
