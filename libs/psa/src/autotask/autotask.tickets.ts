import type { TicketPort, TicketPortOptions } from '../ticket-port.js';
export function createAutotaskTickets(_options: TicketPortOptions): TicketPort {
  throw new Error('the Autotask client is being written');
}
