import { createAutotaskSetup } from './autotask/autotask.setup.js';
import { createAutotaskTickets } from './autotask/autotask.tickets.js';
import { createConnectWiseSetup } from './connectwise/connectwise.setup.js';
import { createConnectWiseStatistics } from './connectwise/connectwise.statistics.js';
import { createConnectWiseTickets } from './connectwise/connectwise.tickets.js';
import type { SetupPort } from './setup-port.js';
import type { StatisticsPort } from './statistics-port.js';
import type { ProviderName, TicketPort, TicketPortOptions } from './ticket-port.js';

/** Adding a PSA is a folder and a line here. */
export const PROVIDERS: Record<ProviderName, (options: TicketPortOptions) => TicketPort> = {
  connectwise: createConnectWiseTickets,
  autotask: createAutotaskTickets,
};

export function createTicketPort(provider: ProviderName, options: TicketPortOptions): TicketPort {
  return PROVIDERS[provider](options);
}

const SETUPS: Record<ProviderName, (options: TicketPortOptions) => SetupPort> = {
  connectwise: createConnectWiseSetup,
  autotask: createAutotaskSetup,
};

/** @throws PsaError `setting_missing` where the connection is incomplete */
export function createSetupPort(provider: ProviderName, options: TicketPortOptions): SetupPort {
  return SETUPS[provider](options);
}

const STATISTICS: Record<ProviderName, ((options: TicketPortOptions) => StatisticsPort) | null> = {
  connectwise: createConnectWiseStatistics,
  autotask: null,
};

/** Whether its reports show backup statistics. */
export const holdsStatistics = (provider: ProviderName): boolean => STATISTICS[provider] !== null;

/**
 * Null where the PSA has no such report (Autotask).
 * @throws PsaError `setting_missing` where the connection is incomplete
 */
export function createStatisticsPort(
  provider: ProviderName,
  options: TicketPortOptions,
): StatisticsPort | null {
  return STATISTICS[provider]?.(options) ?? null;
}
