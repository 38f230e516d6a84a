import { isUuid } from '@backhaul/domain';
import {
  accountsConnections, auditEntries, backupEvents, connectionChecks, mailOutcomes, notificationDecisions,
  type PassingRecord, syncOutcomes, ticketingBreakers, ticketOutcomes,
} from '@backhaul/messaging'; // prettier-ignore

export const KINDS = ['event', 'ticket', 'incident', 'operation', 'connection'] as const;
export type Kind = (typeof KINDS)[number];

/** That something changed: its kind and its id, and whose it is. */
export interface Change {
  kind: Kind;
  id: string;
  partnerId: string;
  /** Null where it belongs to the partner as a whole. */
  accountNo: number | null;
  /** The brand of its customer; undefined where the record does not say. */
  brandId?: string | null | undefined;
  atMs: number;
}

/** Topics whose records tell of changes. */
export const WATCHED = [
  backupEvents,
  notificationDecisions,
  ticketOutcomes,
  mailOutcomes,
  syncOutcomes,
  ticketingBreakers,
  connectionChecks,
  accountsConnections,
  auditEntries,
];

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

function payloadOf({ value }: PassingRecord): Fields {
  try {
    return fieldsOf(JSON.parse(value?.toString('utf8') ?? 'null'));
  } catch {
    // Not ours to judge: whoever handles it sets it aside.
    return {};
  }
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const idOf = (value: unknown): string[] => (isUuid(value) ? [value] : []);
const brandOf = (value: unknown): string | null | undefined =>
  value === null || typeof value === 'string' ? value : undefined;

/** Kinds and ids that a record tells of. Pure; takes whatever stands in a topic. */
export function changesOf(record: PassingRecord): Change[] {
  const { headers, atMs, key, topic } = record;
  const partnerId = headers['partner-id'];
  if (!isUuid(partnerId)) return [];
  const whole = { partnerId, accountNo: null, atMs };
  switch (topic) {
    case ticketingBreakers.name:
    case connectionChecks.name:
    case accountsConnections.name:
      return idOf(key).map((id) => ({ ...whole, kind: 'connection', id }));
    case auditEntries.name: {
      const { targetKind, targetId } = payloadOf(record);
      return targetKind === 'incident'
        ? idOf(targetId).map((id) => ({ ...whole, kind: 'incident', id }))
        : [];
    }
    case backupEvents.name: {
      const { event, operationId } = payloadOf(record);
      const { eventId, tenant } = fieldsOf(event);
      const { brandId, accountNo } = fieldsOf(tenant);
      const of = { partnerId, atMs, accountNo: numberOf(accountNo), brandId: brandOf(brandId) };
      return [...told('event', eventId, of), ...told('operation', operationId, of)];
    }
    case notificationDecisions.name: {
      const { eventId, operationId, accountNo } = payloadOf(record);
      const of = { partnerId, atMs, accountNo: numberOf(accountNo) };
      return [...told('event', eventId, of), ...told('operation', operationId, of)];
    }
    case ticketOutcomes.name:
    case mailOutcomes.name:
    case syncOutcomes.name:
      return outcomeChanges(payloadOf(record), partnerId, atMs);
    default:
      return [];
  }
}

type Whose = Omit<Change, 'kind' | 'id'>;
const told = (kind: Kind, id: unknown, of: Whose): Change[] =>
  idOf(id).map((each) => ({ kind, id: each, ...of }));

function outcomeChanges(payload: Fields, partnerId: string, atMs: number): Change[] {
  const { eventId, incidentId, ticketId, provider, accountNo, brandId } = payload;
  const of = { partnerId, atMs, accountNo: numberOf(accountNo), brandId: brandOf(brandId) };
  const ticket = typeof ticketId === 'string' && /^\d{1,15}$/.test(ticketId);
  return [
    ...told('event', eventId, of),
    ...told('incident', incidentId, of),
    ...(ticket ? [{ kind: 'ticket' as const, id: `${String(provider)}/${ticketId}`, ...of }] : []),
  ];
}
