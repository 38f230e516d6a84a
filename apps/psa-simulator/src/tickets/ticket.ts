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
  mergedInto: number | null;
  parentId: number | null;
  notes: SimNote[];
  /** Other fields that the vendor keeps and returns. */
  fields: Record<string, unknown>;
}

/** Vendors write whole seconds. */
export function vendorTime(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
