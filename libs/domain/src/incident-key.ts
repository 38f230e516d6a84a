import { hash } from 'node:crypto';
import type { CanonicalEvent } from './canonical-event.js';
import { EVENT_TYPE_INFO, type Family, type Subject } from './event-type-info.js';
import type { EventType } from './event-types.js';

/** What a key is made of. */
export type Keyed = Pick<CanonicalEvent, 'type' | 'source' | 'identity' | 'job' | 'tenant'>;

const LONGEST = 200;

/** One part of a key: separators escaped, long text replaced by its digest, so that a key fits an index. */
function part(text: string): string {
  const escaped = text.normalize('NFC').replace(/[%/|]/g, encodeURIComponent);
  return escaped.length <= LONGEST ? escaped : `sha256-${hash('sha256', escaped)}`;
}

function machineOf({ identity }: Pick<Keyed, 'identity'>): string {
  return part(identity.nativeDeviceId ?? identity.hostName?.toLowerCase() ?? '');
}

/**
 * The job within its account. Job names and numbers are unique on one machine only (every Duplicati counts from
 * `DB-1`), so the machine is part of it; a run without job falls back to machine and kind (T11).
 */
export function jobKeyOf(event: Pick<Keyed, 'source' | 'identity' | 'job'>): string {
  const { job } = event;
  return [
    event.source.agent,
    machineOf(event),
    part(job.nativeJobId ?? job.jobName ?? `kind:${job.kind}`),
  ].join('|');
}

function objectOf({ job, identity }: Pick<Keyed, 'job' | 'identity'>): string {
  const object = job.destinationId ?? job.destinationName ?? job.sourceId ?? job.sourceName;
  return part(object ?? job.nativeJobId ?? identity.nativeDeviceId ?? identity.hostName?.toLowerCase() ?? '');
}

const SUBJECT: Record<Subject, (event: Keyed) => string> = {
  job: jobKeyOf,
  machine: machineOf,
  object: objectOf,
  account: () => '',
};

function keyOf(event: Keyed, family: Family, subject: Subject): string {
  const { partnerId, accountNo } = event.tenant;
  return `${partnerId}/${accountNo ?? ''}/${family}/${subject}:${SUBJECT[subject](event)}`;
}

/** Partner, account, what the problem belongs to, and family of types (F33): one key, one open incident. */
export function incidentKeyOf(event: Keyed): string {
  const { family, subject } = EVENT_TYPE_INFO[event.type];
  return keyOf(event, family, subject);
}

interface Place {
  family: Family;
  subject: Subject;
}

const isSame = (a: Place, b: Place): boolean => a.family === b.family && a.subject === b.subject;

/** For each type that resolves something: where such problems are, besides its own place. */
const PLACES = placesByResolver();

function placesByResolver(): Map<EventType, Place[]> {
  const places = new Map<EventType, Place[]>();
  for (const place of Object.values(EVENT_TYPE_INFO)) {
    for (const resolver of place.resolvedBy) {
      const known = places.get(resolver) ?? [];
      const isNew = !isSame(place, EVENT_TYPE_INFO[resolver]) && !known.some((other) => isSame(place, other));
      places.set(resolver, isNew ? [...known, place] : known);
    }
  }
  return places;
}

/**
 * The keys of the incidents that the event may end: its own first, then those of other subjects that its type resolves.
 * So a completed backup ends its job's failure, and the account's "no recent backup" whichever job completed.
 * Whether it does end them depends on what raised them: `resolves`.
 */
export function keysResolvedBy(event: Keyed): [own: string, ...others: string[]] {
  const others = PLACES.get(event.type) ?? [];
  return [incidentKeyOf(event), ...others.map(({ family, subject }) => keyOf(event, family, subject))];
}
