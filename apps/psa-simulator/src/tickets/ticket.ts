export const PROVIDERS = ['connectwise', 'autotask'] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface SimNote {
  id: number;
  text: string;
  /** ISO 8601 UTC, whole seconds. */
  createdAt: string;
  createdBy: string;
  /** As the client sent it, for the vendor's own rendering. */
  fields: Record<string, unknown>;
}

/** Who did something: a user of the API, or a person in the PSA itself. */
export interface Actor {
  kind: 'api' | 'person';
  name: string;
}

/** `from` and `to` as the ticket keeps them, ids of boards and statuses too. */
export interface TicketChange {
  field: keyof SimTicket | 'created' | 'note';
  from?: string | number | boolean | null;
  to?: string | number | boolean | null;
}

export interface SimChange {
  /** ISO 8601 UTC, whole seconds. */
  at: string;
  actor: Actor;
  changes: TicketChange[];
}

/** A ticket of either PSA, as this simulator keeps it. */
export interface SimTicket {
  provider: Provider;
  id: number;
  number: string;
  companyId: number;
  summary: string;
  description: string;
  /** ConnectWise board or Autotask queue. */
  boardId: number;
  statusId: number;
  priorityId: number;
  marker: string | null;
  isClosed: boolean;
  createdAt: string;
  /** Milliseconds since the epoch, for the search lag. */
  createdAtMs: number;
  updatedAt: string;
  closedAt: string | null;
  /** Became a project ticket, which the service module does not show. */
  isProject?: boolean;
  mergedInto: number | null;
  parentId: number | null;
  notes: SimNote[];
  /** Oldest first; the store writes it. */
  history: SimChange[];
  /** Other fields that the vendor keeps and returns. */
  fields: Record<string, unknown>;
}

/** Vendors write whole seconds. */
export function vendorTime(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
