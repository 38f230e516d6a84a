import {
  etagOf,
  idempotently,
  type IdempotentRequest,
  type Principal,
  type StoredAnswer,
} from '@backhaul/http';
import type { IdempotencyTable } from '@backhaul/persistence';
import type { FastifyReply } from 'fastify';

/** What is shown carries its ETag. */
export function shown<T>(reply: FastifyReply, etag: string, body: T): T {
  reply.header('etag', etag);
  return body;
}

/** A POST that creates: 201, and the same answer again for the same Idempotency-Key. */
export async function created<T>(
  store: IdempotencyTable,
  request: Omit<IdempotentRequest, 'partnerId'> & { caller: Principal },
  reply: FastifyReply,
  work: () => Promise<{ body: T; location?: string; version?: number }>,
): Promise<T> {
  const { caller, route, ...rest } = request;
  const answer = await idempotently(
    store,
    // Two people of one partner may see different things: a key repeats one's own request only.
    { partnerId: caller.partnerId, route: `${route} by ${caller.subject}`, ...rest },
    async (): Promise<StoredAnswer> => {
      const made = await work();
      const headers: Record<string, string> = {};
      if (made.location) headers['location'] = made.location;
      if (made.version !== undefined) headers['etag'] = etagOf(made.version);
      return { status: 201, body: made.body, headers };
    },
  );
  reply.headers(answer.headers);
  return answer.body as T;
}
