import { Problem } from '@backhaul/http';
import { Injectable } from '@nestjs/common';
import { readAs } from '../forwarding/read-as.js';
import { type ForwardedRequest, Upstreams } from '../forwarding/upstreams.js';
import { needed } from './external-form.js';

type Form = ReadonlyMap<string, string>;
/** Says in English what was done. @throws Problem */
type Action = (form: Form, request: ForwardedRequest) => Promise<string>;

/** Of notifications, for the gateway alone: it is no row of the route table. */
const WEB_REQUESTS = '/event-handlers/web-requests';

/** What programs of MyClient may ask for. Parameters that an action does not know are ignored. */
@Injectable()
export class ExternalActions {
  private readonly byName = new Map<string, Action>([
    ['ping', async () => 'The access token is valid.'],
    ['event', (form, request) => this.event(form, request)],
    ['event-username', (form, request) => this.eventOfAccount(form, request)],
  ]);

  constructor(private readonly upstreams: Upstreams) {}

  /** @throws Problem 400 for an unknown action or what an action misses, 404, 409, 502 to 504 */
  carryOut(form: Form, request: ForwardedRequest): Promise<string> {
    const action = this.byName.get(form.get('action') ?? '');
    if (!action) throw Problem.badRequest([], 'The action is unknown.');
    return action(form, request);
  }

  private async event(form: Form, request: ForwardedRequest): Promise<string> {
    needed(form, ['api']);
    return this.run(request, { api: form.get('api') });
  }

  private async eventOfAccount(form: Form, request: ForwardedRequest): Promise<string> {
    needed(form, ['api', 'loginname']);
    const accountNo = await this.accountOf(form.get('loginname') ?? '', request);
    return this.run(request, { api: form.get('api'), accountNo });
  }

  private async run(request: ForwardedRequest, body: object): Promise<string> {
    const said = 'No event handler listens to this call name.';
    const { runs } = await orMissing(said, () =>
      readAs<{ runs: number }>(this.upstreams, 'notifications', request, 'POST', WEB_REQUESTS, body),
    );
    return runs === 1 ? '1 event handler was started.' : `${runs} event handlers were started.`;
  }

  /** Among those that the token sees. */
  private async accountOf(username: string, request: ForwardedRequest): Promise<number> {
    const url = `/api/v1/accounts?${new URLSearchParams({ username, limit: '1' }).toString()}`;
    const { items } = await readAs<{ items: { accountNo: number }[] }>(
      this.upstreams,
      'accounts',
      request,
      'GET',
      url,
    );
    const [account] = items;
    if (!account) throw Problem.notFound('No account has this login name.');
    return account.accountNo;
  }
}

/** A 404 of a service speaks of an address; here it is what was named that is not there. */
async function orMissing<T>(said: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && error.status === 404) throw Problem.notFound(said);
    throw error;
  }
}
