import { createAutotaskTickets } from './autotask/autotask.tickets.js';
import { createConnectWiseTickets } from './connectwise/connectwise.tickets.js';
import type { ProviderName, TicketPort, TicketPortOptions } from './ticket-port.js';

/** Adding a PSA is a folder and a line here. */
export const PROVIDERS: Record<ProviderName, (options: TicketPortOptions) => TicketPort> = {
  connectwise: createConnectWiseTickets,
  autotask: createAutotaskTickets,
};

export function createTicketPort(provider: ProviderName, options: TicketPortOptions): TicketPort {
  return PROVIDERS[provider](options);
}
