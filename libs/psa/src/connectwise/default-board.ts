import { PsaError } from '../psa-error.js';
import type { Choice } from '../setup-port.js';
import { equals } from './conditions.js';
import type { ConnectWiseClient } from './connectwise.client.js';
import { everyRow } from './connectwise.lists.js';
import type { ApiMemberRecord } from './connectwise.types.js';

/** Each costs a request: of more, a save would not wait for the answer. */
const MOST_BOARDS = 20;

/**
 * Of which boards one is that of tickets for which none was chosen. The PSA takes the default board of the API member, and
 * keys do not say whose they are: so those of all API members, or all boards where these may not be read. None where
 * they are too many to be looked at. @throws PsaError
 */
export async function possibleBoards(
  client: ConnectWiseClient,
  boards: readonly Choice[],
  signal: AbortSignal,
): Promise<Choice[]> {
  const active = boards.filter(({ isActive }) => isActive);
  const defaults = await defaultBoardIds(client, signal);
  const known = active.filter(({ id }) => defaults?.has(id));
  // A default that is no active board says nothing of where tickets go: then any may be the one.
  const possible = defaults !== null && known.length === defaults.size ? known : active;
  return possible.length > MOST_BOARDS ? [] : possible;
}

/** Null where they are not known of every API member. */
async function defaultBoardIds(
  client: ConnectWiseClient,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  try {
    const rows = await everyRow<ApiMemberRecord>(
      client,
      '/system/members',
      equals('licenseClass', 'A'),
      signal,
    );
    const members = rows.filter(({ inactiveFlag }) => inactiveFlag !== true);
    const ids = members.flatMap(({ serviceDefaultBoard }) => serviceDefaultBoard?.id ?? []);
    return ids.length === 0 || ids.length < members.length ? null : new Set(ids.map(String));
  } catch (error) {
    // A role that may work on tickets need not be one that may read members.
    if (error instanceof PsaError && (error.reason === 'forbidden' || error.reason === 'not_found'))
      return null;
    throw error;
  }
}
