import { crashPoint, type Provider, type SyncRequestPayload } from '@backhaul/messaging';
import { claimInbox, publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import { refusalOf } from './refusal.js';
import { type Customer, keyOf, type SyncRepository } from './sync.repository.js';
import { type Outcome, syncMessage, WITHIN_WINDOW } from './sync-message.js';
import { isWithinWindow } from './window.js';

const CONSUMER = 'sync-requests';

/** Turns requests into waiting pushes or their skip lines: lock, judge, record, tell. The PSA is the dispatcher's business. */
export class AcceptRequestsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly syncs: SyncRepository,
    private readonly connections: Pick<ConnectionRepository, 'ofPartners'>,
    private readonly provider: Provider,
    private readonly onWork: () => void,
  ) {}

  async handle(requests: readonly SyncRequestPayload[]): Promise<void> {
    const hasWork = await this.unitOfWork.run(async (tx) => {
      const ids = requests.map(({ requestId }) => requestId);
      const fresh = await claimInbox(tx, CONSUMER, ids);
      const once = new Map(requests.map((request) => [request.requestId, request]));
      const waiting = await this.accept(tx, [...once.values()].filter(({ requestId }) => fresh.has(requestId))); // prettier-ignore
      crashPoint('accept.before-commit');
      return waiting > 0;
    });
    if (hasWork) this.onWork();
  }

  private async accept(tx: Tx, requests: readonly SyncRequestPayload[]): Promise<number> {
    if (requests.length === 0) return 0;
    const connections = await this.connections.ofPartners(
      tx,
      requests.map(({ partnerId }) => partnerId),
    );
    const { customers, now } = await this.syncs.lock(tx, requests);
    const judged = requests.map((request) => {
      const refusal = refusalOf(connections.get(request.partnerId), this.provider);
      const customer = customers.get(keyOf(request));
      const outcome: Outcome | null = refusal ? { state: 'skipped', ...refusal } : heldBack(request, customer, now);
      return { request, outcome };
    }); // prettier-ignore
    const waiting = judged.flatMap(({ request, outcome }) => (outcome ? [] : [request]));
    await this.syncs.wait(tx, waiting);
    await this.syncs.holdBack(
      tx,
      judged.flatMap(({ request, outcome }) => (outcome === WITHIN_WINDOW ? [request] : [])),
    );
    const said = judged.flatMap(({ request, outcome }) =>
      outcome ? [syncMessage(request, outcome, this.provider, now)] : [],
    );
    await publishAll(tx, said);
    return waiting.length;
  }
}

/** Asked for by hand it is not held back (F18). */
const heldBack = (
  { isForced }: SyncRequestPayload,
  customer: Customer | undefined,
  now: Date,
): Outcome | null =>
  isForced !== true && isWithinWindow(customer?.pushedAt ?? null, now) ? WITHIN_WINDOW : null;
