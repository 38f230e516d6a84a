import { isRuleable, type PartnerId } from '@backhaul/domain';
import { type BrandPaths, wasThereFor } from '../rules/rule-index.js';
import type { Facts } from '../silences/silence.js';
import { actsAt, type EventHandler, type Place } from './event-handler.js';

type Met = Pick<Facts, 'type' | 'tenant' | 'outcome' | 'receivedAt'>;

interface PartnerHandlers {
  handlers: readonly EventHandler[];
  paths: BrandPaths;
}

/** All handlers that events set going. Pure memory; a partner has few enough of them to ask each. */
export class HandlerIndex {
  private readonly partners = new Map<PartnerId, PartnerHandlers>();

  /** Takes these for all the handlers of the partner, and these for all its brands. */
  replace(partnerId: PartnerId, handlers: readonly EventHandler[], paths: BrandPaths): void {
    const going = handlers.filter(({ enabled, source }) => enabled && source.kind === 'event');
    if (going.length === 0) this.partners.delete(partnerId);
    else this.partners.set(partnerId, { handlers: going, paths });
  }

  /** Those whose source and place are the event's, none that was made after it arrived, unless it is reprocessed. */
  matching(event: Met, isReprocessed = false): EventHandler[] {
    // What the product says about itself would answer itself for ever (T24).
    const known = isRuleable(event.type) ? this.partners.get(event.tenant.partnerId) : undefined;
    if (!known) return [];
    const place = placeOf(event, known.paths);
    return known.handlers.filter(
      (handler) =>
        isSetGoing(handler, event) &&
        actsAt(handler, place) &&
        (isReprocessed || wasThereFor(handler, event)),
    );
  }
}

function isSetGoing({ source }: EventHandler, { type, outcome }: Met): boolean {
  if (source.kind !== 'event') return false;
  const { eventTypes, severities } = source;
  return (
    (eventTypes.length === 0 || eventTypes.includes(type)) &&
    (severities.length === 0 || severities.includes(outcome.severity))
  );
}

function placeOf({ tenant }: Met, paths: BrandPaths): Place | null {
  const { accountNo, customerId, brandId } = tenant;
  if (accountNo === null) return null;
  return { accountNo, customerId, above: brandId === null ? [] : (paths.get(brandId) ?? [brandId]) };
}
