import type { Provider } from '@backhaul/messaging';
import { holdsStatistics } from '@backhaul/psa';
import type { KnownConnection } from '../connections/connection.repository.js';

/** Why nothing of a partner is pushed at all. */
export interface Refusal {
  reason: 'not_connected' | 'disabled' | 'statistics_off' | 'nothing_to_push';
  message: string;
}

/** Null where figures are pushed (E33). */
export function refusalOf(
  connection: Pick<KnownConnection, 'isEnabled' | 'hasStatistics'> | null | undefined,
  provider: Provider,
): Refusal | null {
  if (!connection) return { reason: 'not_connected', message: 'No connection to this PSA is set up.' };
  if (!connection.isEnabled) return { reason: 'disabled', message: 'The integration is switched off.' };
  if (!holdsStatistics(provider))
    return { reason: 'nothing_to_push', message: 'This PSA has no report of backup statistics.' };
  return connection.hasStatistics
    ? null
    : { reason: 'statistics_off', message: 'Update Backup Statistics is switched off.' };
}
