import { systemClock, type Clock } from '@backhaul/domain';
import type { FaultRegister } from '../faults/fault-register.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import type { SimTicket } from '../tickets/ticket.js';
import type { UserStore } from '../users/user-store.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { Switches } from '../vendor/switches.js';
import { requiredText, type VendorRecord } from './condition-match.js';
import { notFound, Refusal } from './connectwise.answers.js';
import { STATUSES } from './connectwise.data.js';
import { pageAnswer, readConditions, selected, withCustomFields } from './connectwise.lists.js';
import { patchedFields } from './connectwise.patch.js';
import { NO_KIN, ticketRecord, type Kin } from './connectwise.records.js';
import { KEPT_REFERENCES, type Fields } from './connectwise.references.js';
import { actorOf, objectOf, success, unreadable, type MemberRequest } from './connectwise.request.js';
import { changedTicket, newTicket, PLAIN_FIELDS, statusId, type Writing } from './connectwise.writes.js';

const TICKET_FIELDS = new Set(
  [
    ...['id', 'summary', 'recordType', 'board', 'status', 'company', 'priority', 'externalXRef'],
    ...['closedDate', 'closedBy', 'closedFlag', 'parentTicketId', 'mergedParentTicket', 'hasChildTicket'],
    ...['hasMergedChildTicketFlag', '_info', 'dateEntered', 'lastUpdated'],
    ...PLAIN_FIELDS,
    ...KEPT_REFERENCES,
  ].map((name) => name.toLowerCase()),
);

/** What a list is asked for, in the query or in the body of a search. */
interface Search {
  conditions?: string | undefined;
  customFieldConditions?: string | undefined;
}

/** Tickets, as the service module has them. */
export class ConnectWiseTickets {
  constructor(
    private readonly store: TicketStore,
    private readonly users: UserStore,
    private readonly faults: FaultRegister,
    private readonly switches: Switches,
    private readonly clock: Clock = systemClock,
  ) {}

  list(request: MemberRequest): Answer {
    return pageAnswer(request, this.search(request.query));
  }

  count(request: MemberRequest): Answer {
    return jsonAnswer(200, { count: this.search(request.query).length });
  }

  /** For conditions that no address holds. The vendor spells two of the keys in lower case. */
  searchByBody(request: MemberRequest): Answer {
    const body = objectOf(request, 'search');
    const text = (name: string): string | undefined =>
      typeof body[name] === 'string' ? body[name] : undefined;
    const orderBy = text('orderBy');
    const query = orderBy === undefined ? request.query : { ...request.query, orderBy };
    const search = {
      conditions: text('conditions'),
      customFieldConditions: text('customfieldconditions'),
    };
    return pageAnswer({ ...request, query }, this.search(search));
  }

  get(id: number): Answer {
    return jsonAnswer(200, this.record(shownTicket(this.store, id)));
  }

  create(request: MemberRequest): Answer {
    const fields = objectOf(request, 'ticket');
    const ticket = newTicket(fields, this.store.newId(), this.writing(request));
    return jsonAnswer(201, this.record(this.store.put(ticket, actorOf(request))));
  }

  patch(request: MemberRequest, id: number): Answer {
    const ticket = shownTicket(this.store, id);
    if (request.hasInvalidJson) throw unreadable('ticket');
    const fields = patchedFields(request.body, this.switches.connectwisePatchPaths);
    return this.saved(request, changedTicket(ticket, fields, this.writing(request)));
  }

  /** Unspecified fields fall back to their defaults. */
  replace(request: MemberRequest, id: number): Answer {
    const ticket = shownTicket(this.store, id);
    const fresh = newTicket(objectOf(request, 'ticket'), id, this.writing(request));
    const { createdAt, createdAtMs, description, notes } = ticket;
    return this.saved(request, { ...fresh, createdAt, createdAtMs, description, notes });
  }

  delete(id: number): Answer {
    this.store.delete('connectwise', shownTicket(this.store, id).id);
    return emptyAnswer(204);
  }

  merge(request: MemberRequest, parentId: number): Answer {
    const parent = shownTicket(this.store, parentId);
    const { mergeTicketIds, status } = objectOf(request, 'merge');
    for (const child of this.named(mergeTicketIds)) {
      const closing = STATUSES.find(({ id }) => id === statusId(status, child.boardId));
      if (!closing?.closedStatus) return success(false, 'The status must be a closed one.');
      const closed = changedTicket(child, { status: { id: closing.id } }, this.writing(request));
      this.store.put({ ...closed, mergedInto: parent.id, parentId: parent.id }, actorOf(request));
    }
    return success(true, 'Merged');
  }

  /** Bundling only links: children stay as they are. */
  attachChildren(request: MemberRequest, parentId: number): Answer {
    const parent = shownTicket(this.store, parentId);
    const children = this.named(objectOf(request, 'children')['childTicketIds']);
    if (children.some(({ id }) => id === parent.id)) return success(false, 'A ticket is no child of itself.');
    for (const child of children) this.store.put({ ...child, parentId: parent.id }, actorOf(request));
    return success(true, 'Attached');
  }

  isClosing(id: number, body: unknown): boolean | null {
    const ticket = this.store.get('connectwise', id);
    if (!ticket || !Array.isArray(body)) return null;
    const change = (body as Fields[]).find((operation) => operation?.['path'] === 'status');
    const wanted = (change?.['value'] as { id?: unknown } | null | undefined)?.id;
    return STATUSES.find((status) => status.id === wanted)?.closedStatus ?? null;
  }

  private named(ids: unknown): SimTicket[] {
    return (Array.isArray(ids) ? ids.map(Number) : []).map((id) => shownTicket(this.store, id));
  }

  private writing({ member }: MemberRequest): Writing {
    return {
      now: this.clock.now(),
      member,
      members: this.users.members(),
      boardMove: this.switches.connectwiseBoardMove,
    };
  }

  private saved(request: MemberRequest, ticket: SimTicket): Answer {
    return jsonAnswer(200, this.record(this.store.put(ticket, actorOf(request))));
  }

  private record(ticket: SimTicket): VendorRecord {
    return ticketRecord(ticket, this.kinOf(ticket));
  }

  private kinOf({ id, mergedInto }: SimTicket): Kin {
    const children = this.store.childrenOf('connectwise', id);
    if (children.length === 0 && mergedInto === null) return NO_KIN;
    return {
      mergedSummary:
        mergedInto === null ? null : (this.store.get('connectwise', mergedInto)?.summary ?? null),
      hasChild: children.some((child) => child.mergedInto === null),
      hasMergedChild: children.some((child) => child.mergedInto === id),
    };
  }

  private search({ conditions, customFieldConditions }: Search): VendorRecord[] {
    const condition = readConditions(conditions);
    const marker = condition === null ? null : requiredText(condition, 'externalXRef');
    const candidates =
      marker === null ? this.store.all('connectwise') : this.store.withMarker('connectwise', marker);
    const seenBefore = this.clock.now().getTime() - this.faults.searchLagMs('connectwise');
    const indexed = candidates.filter(
      ({ createdAtMs, isProject }) => createdAtMs <= seenBefore && isProject !== true,
    );
    const records = indexed.map((ticket) => this.record(ticket));
    return withCustomFields(selected(records, condition, TICKET_FIELDS), customFieldConditions);
  }
}

/** @throws Refusal 404, as well for a project ticket: the service module does not show it */
export function shownTicket(store: TicketStore, id: number): SimTicket {
  const ticket = store.get('connectwise', id);
  if (!ticket || ticket.isProject === true) throw new Refusal(notFound(`Ticket ${id}`));
  return ticket;
}
