import type { BrandId, PartnerId } from '@backhaul/domain';
import { type Scope, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import type { SavedCondition, SavedSearch } from './saved-search.js';
import type { SearchKind } from './search-kinds.js';

interface Row {
  search_id: string;
  partner_id: PartnerId;
  owner_brand_id: BrandId | null;
  name: string;
  kind: SearchKind;
  conditions: SavedCondition[];
  columns: string[];
  created_by: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export interface SearchPage {
  kind: SearchKind | undefined;
  limit: number;
  /** The last id of the page before. */
  after: string | null;
  newestFirst: boolean;
}

const COLUMNS = `s.search_id, s.partner_id, s.owner_brand_id, s.name, s.kind, s.conditions, s.columns, s.created_by,
  s.version, s.created_at, s.updated_at`;

@Injectable()
export class SavedSearchRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async page(scope: Scope, { kind, limit, after, newestFirst }: SearchPage): Promise<SavedSearch[]> {
    const params: unknown[] = [kind ?? null, after, limit];
    const [beyond, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
    const rows = await this.unitOfWork.query<Row>(
      `SELECT ${COLUMNS} FROM saved_search s WHERE ${within(scope, params)} AND ($1::text IS NULL OR s.kind = $1)
         AND ($2::uuid IS NULL OR s.search_id ${beyond} $2) ORDER BY s.search_id ${order} LIMIT $3`,
      params,
    );
    return rows.map(searchOfRow);
  }

  async count(scope: Scope, kind: SearchKind | undefined): Promise<number> {
    const params: unknown[] = [kind ?? null];
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM saved_search s WHERE ${within(scope, params)} AND ($1::text IS NULL OR s.kind = $1)`,
      params,
    );
    return row?.count ?? 0;
  }

  async find(scope: Scope, id: string): Promise<SavedSearch | null> {
    const params: unknown[] = [id];
    const [row] = await this.unitOfWork.query<Row>(
      `SELECT ${COLUMNS} FROM saved_search s WHERE ${within(scope, params)} AND s.search_id = $1`,
      params,
    );
    return row ? searchOfRow(row) : null;
  }

  /** Answers false, and stores nothing, where the partner has `most` already. */
  async add(scope: Scope, tx: Tx, search: SavedSearch, most: number): Promise<boolean> {
    // Who adds one waits for the other here, so that the count is exact.
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`saved_search ${scope.partnerId}`]);
    const stored = await tx.query(
      `INSERT INTO saved_search (search_id, partner_id, owner_brand_id, name, kind, conditions, columns, created_by, version,
         created_at, updated_at)
       SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5, $6::json, $7::text[], $8, $9::int, $10::timestamptz, $11::timestamptz
       WHERE (SELECT count(*) FROM saved_search WHERE partner_id = $2) < $12 RETURNING 1 AS stored`,
      [
        search.id,
        scope.partnerId,
        search.ownerBrandId,
        search.name,
        search.kind,
        JSON.stringify(search.all),
        search.columns,
        search.createdBy,
        search.version,
        search.createdAt,
        search.updatedAt,
        most,
      ],
    );
    return stored.length > 0;
  }

  /** Answers false where the stored one no longer has the version before this one. */
  async replace(scope: Scope, tx: Tx, search: SavedSearch): Promise<boolean> {
    const { id, version, name, all, columns, updatedAt } = search;
    const params: unknown[] = [id, version, name, JSON.stringify(all), columns, updatedAt];
    const changed = await tx.query(
      `UPDATE saved_search s SET version = $2, name = $3, conditions = $4::json, columns = $5::text[], updated_at = $6
       WHERE ${within(scope, params)} AND s.search_id = $1 AND s.version = $2::int - 1 RETURNING 1 AS changed`,
      params,
    );
    return changed.length > 0;
  }

  /** Answers false where the stored one does not have that version. */
  async drop(scope: Scope, tx: Tx, { id, version }: SavedSearch): Promise<boolean> {
    const params: unknown[] = [id, version];
    const gone = await tx.query(
      `DELETE FROM saved_search s WHERE ${within(scope, params)} AND s.search_id = $1 AND s.version = $2 RETURNING 1 AS gone`,
      params,
    );
    return gone.length > 0;
  }
}

/** As rules do, searches belong to brands: one sees those of the own brand and of what hangs below it. */
function within({ partnerId, brandId, onlyAccountNo }: Scope, params: unknown[]): string {
  const partner = `$${params.push(partnerId)}`;
  const own = `s.partner_id = ${partner}`;
  if (onlyAccountNo !== null) return `${own} AND false`;
  if (brandId === null) return own;
  return `${own} AND s.owner_brand_id IN (SELECT b.brand_id FROM known_brand b
    WHERE b.partner_id = ${partner} AND b.path @> ARRAY[$${params.push(brandId)}::uuid])`;
}

const searchOfRow = (row: Row): SavedSearch => ({
  id: row.search_id,
  partnerId: row.partner_id,
  ownerBrandId: row.owner_brand_id,
  name: row.name,
  kind: row.kind,
  all: row.conditions,
  columns: row.columns,
  createdBy: row.created_by,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
