import type { TicketRequestPayload } from '@backhaul/messaging';

/** Takes requests in their order, as ticketing does, and says what would be wrong for the people who read the tickets. */
export class TicketDesk {
  readonly taken: TicketRequestPayload[] = [];
  readonly wrong: string[] = [];
  /** Tickets that are open, by problem, with the problems that each tells of. */
  readonly open = new Map<string, Set<string>>();
  private readonly keyOf = new Map<string, string>();

  /** An event, and the problem that it is about. */
  heard(eventId: string, key: string): void {
    this.keyOf.set(eventId, key);
  }

  /** An outage's ticket stays open for others. */
  healed(key: string): void {
    for (const ticket of this.outages()) this.open.get(ticket)?.delete(key);
  }

  take(request: TicketRequestPayload): void {
    const { incidentKey, accountNo, intent, eventId, requestId } = request;
    if (this.taken.some((other) => other.requestId === requestId)) this.wrong.push(`asked twice: ${requestId}`);
    this.taken.push(request);
    const ticket = `${accountNo} ${incidentKey}`;
    const told = this.open.get(ticket);
    if (intent === 'resolve') {
      if (!told) this.wrong.push(`closed, and not open: ${ticket}`);
      this.open.delete(ticket);
      return;
    }
    if (!told && this.outages().some((other) => other.endsWith(incidentKey) && other !== ticket))
      this.wrong.push(`a second outage: ${ticket}`);
    const problem = this.keyOf.get(eventId) ?? 'unknown';
    for (const [other, problems] of this.open)
      if (other !== ticket && problems.has(problem)) this.wrong.push(`two tickets: ${problem}`);
    this.open.set(ticket, new Set([...(told ?? []), problem]));
  } // prettier-ignore

  /** Tickets of outages that are open. */
  outages(): string[] {
    return [...this.open.keys()].filter((ticket) => ticket.includes('/site:'));
  }
}
