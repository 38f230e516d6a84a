import { Problem } from '@backhaul/http';
import type { Dispatcher } from 'undici';
import type { Upstream } from '../routes/route-table.js';
import type { ForwardedRequest, Upstreams } from './upstreams.js';

export const TICKETING: readonly Upstream[] = ['ticketing-connectwise', 'ticketing-autotask'];

/**
 * An incident or lane lives in one of the ticketing services, and its id does not say in which. A 404 did
 * nothing, so asking the next is safe; only when every one of them said 404 is it known not to exist.
 */
export async function firstThatHasIt(
  upstreams: Upstreams,
  request: ForwardedRequest,
): Promise<Dispatcher.ResponseData> {
  let failure: unknown = null;
  for (const upstream of TICKETING) {
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
