import type { TicketPort, TicketPortOptions } from '../ticket-port.js';
export function createConnectWiseTickets(_options: TicketPortOptions): TicketPort {
  throw new Error('the ConnectWise client is being written');
}
