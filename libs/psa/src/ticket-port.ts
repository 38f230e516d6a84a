import type { Marker, Secret, Severity } from '@backhaul/domain';
import type { Dispatcher } from 'undici';
import { PsaError } from './psa-error.js';

export const PROVIDER_NAMES = ['connectwise', 'autotask'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export interface Capabilities {
  /** How long a new ticket may stay invisible to `findByMarker`. */
  searchLagMs: number;
  /** Longest that one call of the port's HTTP may take; a method makes at most four. */
  requestTimeoutMs: number;
  maxRequestsPerMinute: number;
  maxConcurrent: number;
  /** Code units of a summary, prefix included. */
  maxSummary: number;
}

export interface PsaTicket {
  /** The PSA's id, decimal. */
  id: string;
  /** What people call it: ConnectWise the id, Autotask `T20260915.0001`. */
  number: string;
  isClosed: boolean;
  /** The reference field as it stands, ours or not. */
  marker: string | null;
  /** A page for people, where it can be derived. */
  url: string | null;
  /** ISO 8601 UTC. */
  createdAt: string | null;
  /** The ticket this one was merged into: write there instead. */
  mergedInto: string | null;
  parentId: string | null;
  /** What a create did otherwise than it was asked: the priority is gone from the PSA, so its default was taken (D27). */
  warning?: 'priority_replaced';
  /** The board or queue on which it stands, where the PSA says. */
  placeId?: string | null;
}

export interface NewTicket {
  marker: Marker;
  /** The company's id in the PSA, decimal. */
  companyId: string;
  /** Any length, without the partner's prefix: the port puts `subjectPrefix` before it and cuts the rest (D24). */
  summary: string;
  description: string;
  severity: Severity;
}

export interface NoteOptions {
  /** True when this very note was sent before with unknown outcome: the port then looks for the same text first. */
  isRetry: boolean;
}

export interface ConnectionCheck {
  isOk: boolean;
  /** The PSA's version where it tells. */
  version: string | null;
  steps: { name: string; isOk: boolean; reason: string | null }[];
}

/** Tickets of one connection. Every method throws `PsaError` and nothing else. */
export interface TicketPort {
  readonly capabilities: Capabilities;
  /** Open and closed, lowest id first. A failed search throws: it is not "none found". */
  findByMarker(marker: string, signal: AbortSignal): Promise<PsaTicket[]>;
  create(ticket: NewTicket, signal: AbortSignal): Promise<PsaTicket>;
  /** Null when it was deleted. */
  get(id: string, signal: AbortSignal): Promise<PsaTicket | null>;
  addNote(id: string, text: string, signal: AbortSignal, options?: NoteOptions): Promise<void>;
  /** Sets a closing status of the ticket's current board, unless it is closed already, then writes the note. */
  close(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket>;
  reopen(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket>;
  /** Does not throw for what a partner can put right: it says which step failed. */
  testConnection(signal: AbortSignal): Promise<ConnectionCheck>;
}

/** Ids are the PSA's; absent means the default by name, `queueId: null` is Do Not Map (D26). */
export interface TicketingOptions {
  boardId?: number;
  queueId?: number | null;
  newStatusId?: number;
  completeStatusId?: number;
  priorityId?: number;
  subjectPrefix?: string;
}

export interface TicketPortOptions {
  /** ConnectWise `{ siteUrl, companyId, publicKey, solutionName, clientId? }`, Autotask `{ username, apiUrl? }`. */
  endpoint: Record<string, string | null>;
  /** ConnectWise `{ privateKey }`, Autotask `{ password, trackingIdentifier }`. */
  secret: Secret<Record<string, string>>;
  ticketing: TicketingOptions;
  dispatcher: Dispatcher;
  /** Replaces what the provider assumes; the caller's settle time follows from both. Milliseconds. */
  limits?: { searchLagMs?: number; requestTimeoutMs?: number };
  now?: () => Date;
}

const REQUEST_TIMEOUT_MS = 30_000;

export function requestTimeoutMs(options: TicketPortOptions): number {
  return options.limits?.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
}

export function capabilitiesOf(
  options: TicketPortOptions,
  limits: Omit<Capabilities, 'requestTimeoutMs'>,
): Capabilities {
  const searchLagMs = options.limits?.searchLagMs ?? limits.searchLagMs;
  return { ...limits, searchLagMs, requestTimeoutMs: requestTimeoutMs(options) };
}

/** An id for a path: decimal or refused, so that no text of ours becomes part of a URL. @throws PsaError */
export function psaId(id: string): string {
  if (!/^\d{1,15}$/.test(id)) throw new PsaError({ outcome: 'definitive', reason: 'rejected' });
  return id;
}
