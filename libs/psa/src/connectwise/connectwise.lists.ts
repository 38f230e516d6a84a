import { PsaError } from '../psa-error.js';
import type { ConnectWiseClient } from './connectwise.client.js';

const PAGE = 250;
/** More than this many rows are no list that a person chooses from. */
const MOST_ROWS = 20_000;

interface Row {
  id: number;
}

/** All rows of a list, by id: unlike page numbers that neither skips nor repeats while rows come and go. @throws PsaError */
export async function everyRow<T extends Row>(
  client: ConnectWiseClient,
  path: string,
  conditions: string | null,
  signal: AbortSignal,
): Promise<T[]> {
  const rows: T[] = [];
  for (let after = 0; ;) {
    const page = pageOf<T>(
      await client.get(
        path,
        {
          conditions: conditions === null ? `id > ${after}` : `(${conditions}) and id > ${after}`,
          orderBy: 'id asc',
          pageSize: PAGE,
        },
        signal,
      ),
    );
    rows.push(...page);
    const last = page.at(-1)?.id ?? 0;
    if (page.length < PAGE) return rows;
    // A server that heeds no condition would answer the same page for ever.
    if (last <= after || rows.length > MOST_ROWS)
      throw new PsaError({ outcome: 'definitive', reason: 'answer_too_large' });
    after = last;
  }
}

/** Rows of these ids, in requests that stay below the vendor's 2,000 characters of URL. @throws PsaError */
export async function rowsOfIds<T extends Row>(
  client: ConnectWiseClient,
  path: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<T[]> {
  const rows: T[] = [];
  for (let from = 0; from < ids.length; from += 60) {
    const some = ids.slice(from, from + 60).map(Number);
    rows.push(...(await everyRow<T>(client, path, `id in (${some.join(',')})`, signal)));
  }
  return rows;
}

export function pageOf<T>(answer: unknown): T[] {
  if (!Array.isArray(answer)) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
  return answer as T[];
}
