import { FakePsa } from './testing/fake-ticket-port.js';
import { ticketPortContract } from './testing/ticket-port.contract.js';

ticketPortContract('the fake', async () => {
  const psa = new FakePsa(['250']);
  return {
    companyId: '250',
    portWith: (ticketing) => psa.port(ticketing),
    notesOf: async (id) => psa.find(id).notes,
    asHuman: async (id, action) => {
      if (action === 'delete') psa.tickets.delete(id);
      else psa.find(id).isClosed = action !== 'reopen';
    },
  };
});
