import { type CanonicalEvent, EVENT_TYPE_INFO, isUuid } from '@backhaul/domain';
import { crashPoint, PoisonError } from '@backhaul/messaging';
import { claimInbox, type UnitOfWork } from '@backhaul/persistence';
import type { FiguresRepository } from './figures.repository.js';
import { resultOf } from './result-of.js';

/** Who claims an event's id: whether an event is counted is read there too. */
export const COUNTED = 'backup-events';

/** Counts each event once, however often it comes: a relay repeats, and so does reprocessing. */
export class CountResultsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly figures: FiguresRepository,
  ) {}

  /** @throws PoisonError */
  async handle(arrived: readonly CanonicalEvent[]): Promise<void> {
    const events = new Map<string, CanonicalEvent>(arrived.map((event) => [readable(event).eventId, event]));
    await this.unitOfWork.run(async (tx) => {
      const fresh = await claimInbox(tx, COUNTED, [...events.keys()]);
      const results = [...fresh].flatMap((id) => {
        const event = events.get(id);
        return (event && resultOf(event)) ?? [];
      });
      await this.figures.add(tx, results);
      crashPoint('count.before-commit');
    });
  }
}

/** @throws PoisonError for what is no event of ours; a newer type is set aside until a newer version takes it once more */
function readable(event: CanonicalEvent): CanonicalEvent {
  if (!Object.hasOwn(EVENT_TYPE_INFO, event.type))
    throw new PoisonError(`unknown type of event ${event.type ?? 'none'}`, 'unknown-type');
  if (!isUuid(event.eventId) || !isUuid(event.tenant?.partnerId))
    throw new PoisonError('the event has no id or no partner', 'schema');
  return event;
}
