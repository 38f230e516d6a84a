import { PsaError } from '../psa-error.js';
import type { AutotaskClient } from './autotask.client.js';
import type { FilterItem, QueryAnswer } from './autotask.types.js';

const PAGE = 500;
const MOST_PAGES = 40;

/** All rows of an entity, page by page as the vendor links them. @throws PsaError */
export async function everyRow<T>(
  client: AutotaskClient,
  entity: string,
  filter: FilterItem[],
  signal: AbortSignal,
): Promise<T[]> {
  // The first body is sent again with every page: some zones want it, none minds.
  const body = { MaxRecords: PAGE, Filter: filter };
  let answer = await client.post(`/${entity}/query`, body, signal);
  const rows = rowsOf<T>(answer);
  for (let pages = 1; ; pages += 1) {
    const next = (answer as QueryAnswer).pageDetails?.nextPageUrl ?? null;
    if (next === null) return rows;
    if (pages >= MOST_PAGES) throw new PsaError({ outcome: 'definitive', reason: 'answer_too_large' });
    answer = await client.postNext(next, body, signal);
    rows.push(...rowsOf<T>(answer));
  }
}

export function rowsOf<T>(answer: unknown): T[] {
  const items = (answer as QueryAnswer | null)?.items;
  if (!Array.isArray(items)) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
  return items as T[];
}

/** Rows of these ids. The vendor takes 500 values at once. @throws PsaError */
export async function rowsOfIds<T>(
  client: AutotaskClient,
  entity: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<T[]> {
  const rows: T[] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const value = ids.slice(from, from + PAGE).map(Number);
    rows.push(...(await everyRow<T>(client, entity, [{ op: 'in', field: 'id', value }], signal)));
  }
  return rows;
}
