import * as autotask from '../autotask/autotask.data.js';
import { PICKLISTS } from '../autotask/autotask.picklists.js';
import * as connectwise from '../connectwise/connectwise.data.js';

type Row = Record<string, unknown>;

/** What the administrators of both tenants can change. There is one tenant of each vendor in a process. */
const LISTS: Record<string, Record<string, object[]>> = {
  connectwise: {
    boards: connectwise.BOARDS,
    statuses: connectwise.STATUSES,
    teams: connectwise.TEAMS,
    types: connectwise.TYPES,
    sources: connectwise.SOURCES,
    priorities: connectwise.PRIORITIES,
    companies: connectwise.COMPANIES,
    agreements: connectwise.AGREEMENTS,
    catalog: connectwise.CATALOG,
    solutions: connectwise.SOLUTIONS,
    summaries: connectwise.SUMMARIES,
    managedDevices: connectwise.MANAGED_DEVICES,
  },
  autotask: {
    ...PICKLISTS,
    companies: autotask.COMPANIES,
    contacts: autotask.CONTACTS,
    contracts: autotask.CONTRACTS,
    services: autotask.SERVICES,
  },
};
const BEFORE = structuredClone(LISTS);

/** Sets fields of one row, such as its name; `null` takes the row away. Returns a complaint, or null when it is done. */
export function changeCatalogue(
  provider: string,
  list: string,
  id: string,
  change: Row | null,
): string | null {
  const rows = LISTS[provider]?.[list];
  if (!rows) return `lists: ${Object.keys(LISTS[provider] ?? {}).join(', ')}`;
  const index = rows.findIndex((row) => String((row as Row)['id'] ?? (row as Row)['value']) === id);
  const row = rows[index];
  if (!row) return 'no such row';
  if (change === null) rows.splice(index, 1);
  else Object.assign(row, change);
  return null;
}

export function resetCatalogue(): void {
  for (const [provider, lists] of Object.entries(structuredClone(BEFORE)))
    for (const [name, rows] of Object.entries(lists)) {
      const live = LISTS[provider]?.[name];
      live?.splice(0, live.length, ...rows);
    }
}
