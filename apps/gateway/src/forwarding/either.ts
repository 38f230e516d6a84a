import { Problem } from '@backhaul/http';
import type { Dispatcher } from 'undici';
import type { Upstream } from '../routes/route-table.js';
import type { ForwardedRequest, Upstreams } from './upstreams.js';

export const TICKETING: readonly Upstream[] = ['ticketing-connectwise', 'ticketing-autotask'];
export const BILLING_SYNC: readonly Upstream[] = ['billing-sync-connectwise', 'billing-sync-autotask'];
/** Services that keep dead letters, each its own. */
export const EVERY_STORE: readonly Upstream[] = [
  'accounts',
  'ingestion',
  'notifications',
  ...TICKETING,
  ...BILLING_SYNC,
];

/**
 * An incident, a lane or a dead letter lives in one of several services, and its id does not say in which. A 404 did
 * nothing, so asking the next is safe; only when every one of them said 404 is it known not to exist.
 */
export async function firstThatHasIt(
  upstreams: Upstreams,
  request: ForwardedRequest,
  among: readonly Upstream[] = TICKETING,
): Promise<Dispatcher.ResponseData> {
  let failure: unknown = null;
  for (const upstream of among) {
    try {
      const answer = await upstreams.send(upstream, request);
      if (answer.statusCode !== 404) return answer;
      await answer.body.dump();
    } catch (error) {
      // Only a service that never got the request may be passed over for another.
      if (request.method !== 'GET' && !(error instanceof Problem && error.status === 503)) throw error;
      failure = error;
    }
  }
  if (failure instanceof Error) throw failure;
  throw Problem.notFound();
}
