import type { BrandId, Operator, PartnerId, Scope } from '@backhaul/domain';
import type { SearchKind } from './search-kinds.js';

export interface SavedCondition {
  field: string;
  operator: Operator;
  term: string | number;
}

export interface SearchSettings {
  name: string;
  kind: SearchKind;
  /** All of them have to hold. */
  all: SavedCondition[];
  /** What a result shows, in this order. */
  columns: string[];
}

export interface SavedSearch extends SearchSettings {
  id: string;
  partnerId: PartnerId;
  /** The brand whose people made it; null: it belongs to the whole partner. */
  ownerBrandId: BrandId | null;
  createdBy: string;
  /** Grows by one with each change. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

export type Cell = string | number | null;
export type ResultRow = Readonly<Record<string, Cell>>;
/** Behind which row a page ended, as a cursor holds it. */
export type Position = readonly (string | number | null)[];

export interface FoundRows {
  rows: ResultRow[];
  /** Where it goes on; null: nothing is left. */
  next: Position | null;
  /** Time was up before the page was full: in words, through to where was looked. */
  searchedTo: string | null;
}

/** Finds what a search of its kinds looks for, in bounded time. */
export interface ResultFinder {
  /** @throws Problem 400 for a position that no page has given, 503 where PostgreSQL takes too long */
  find(scope: Scope, search: SearchSettings, after: Position | null, limit: number): Promise<FoundRows>;
  /** Up to 10,001; not exact where time was up. */
  count(scope: Scope, search: SearchSettings): Promise<{ count: number; isExact: boolean }>;
  /** In words, what is behind that position. */
  beyond(position: Position): string;
}
