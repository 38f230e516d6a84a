export interface SourcePage {
  items: Record<string, unknown>[];
  nextCursor: string | null;
}

/** Where reading one source goes on: behind `afterId` on the page at `cursor`. Null when it is finished. */
export interface Position {
  cursor: string | null;
  afterId: string | null;
}

export interface Merged {
  items: Record<string, unknown>[];
  positions: (Position | null)[];
}

/**
 * Newest first over several sources that are each newest first. Stops early where a source has more that
 * was not fetched, because what it has next might belong before the rest.
 */
export function mergePages(sources: readonly { page: SourcePage; at: Position }[], limit: number): Merged {
  const queues = sources.map(({ page, at }) => {
    const seen = page.items.findIndex((item) => item['id'] === at.afterId);
    return { page, at, next: at.afterId === null ? 0 : seen + 1 };
  });
  const items: Record<string, unknown>[] = [];
  while (items.length < limit) {
    const heads = queues.filter(({ page, next }) => next < page.items.length);
    const isCut = queues.some(({ page, next }) => next >= page.items.length && page.nextCursor !== null);
    const [first, ...others] = heads;
    if (!first || (isCut && items.length > 0)) break;
    const newest = others.reduce((best, each) => (orderOf(each) > orderOf(best) ? each : best), first);
    items.push(newest.page.items[newest.next] as Record<string, unknown>);
    newest.next += 1;
  }
  return { items, positions: queues.map(({ page, at, next }) => positionAfter(page, at, next)) };
}

function positionAfter(page: SourcePage, at: Position, next: number): Position | null {
  if (next >= page.items.length)
    return page.nextCursor === null ? null : { cursor: page.nextCursor, afterId: null };
  const last = page.items[next - 1]?.['id'];
  return { cursor: at.cursor, afterId: typeof last === 'string' ? last : at.afterId };
}

function orderOf({ page, next }: { page: SourcePage; next: number }): string {
  const item = page.items[next] ?? {};
  const value = item['openedAt'] ?? item['newestAt'] ?? item['updatedAt'] ?? item['createdAt'] ?? item['id'];
  return typeof value === 'string' ? value : '';
}
