import type { TicketRequestPayload } from '@backhaul/messaging';

/** By which newer requests overtake one that was set aside: its problem. */
export const orderKeyOf = ({
  accountNo,
  incidentKey,
}: Pick<TicketRequestPayload, 'accountNo' | 'incidentKey'>): string => `${accountNo}|${incidentKey}`;

/** Of a record that may be anything; null where it names no problem. */
export function orderKeyOfRequest(topic: string, json: unknown): string | null {
  if (!topic.startsWith('ticket.requests.')) return null;
  const { accountNo, incidentKey } = (json ?? {}) as { accountNo?: unknown; incidentKey?: unknown };
  return typeof accountNo === 'number' && typeof incidentKey === 'string'
    ? orderKeyOf({ accountNo, incidentKey })
    : null;
}
