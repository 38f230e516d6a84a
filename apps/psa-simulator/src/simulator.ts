import fastify, { type FastifyInstance } from 'fastify';
import { serveAdmin, type Simulation } from './admin/admin.routes.js';
import { serveLiveStream } from './admin/live-stream.js';
import { servePage } from './admin/page.routes.js';
import { AutotaskTickets } from './autotask/autotask.tickets.js';
import { autotask } from './autotask/autotask.vendor.js';
import { ConnectWiseNotes } from './connectwise/connectwise.notes.js';
import { ConnectWiseReports } from './connectwise/connectwise.reports.js';
import { ConnectWiseTickets } from './connectwise/connectwise.tickets.js';
import { connectWise } from './connectwise/connectwise.vendor.js';
import { ReportStore } from './connectwise/report-store.js';
import { Journal } from './journal/journal.js';
import { servePages } from './pages/pages.routes.js';
import { UserStore } from './users/user-store.js';
import { serveUsers } from './admin/users.routes.js';
import { FaultRegister } from './faults/fault-register.js';
import { RequestLog } from './requests/request-log.js';
import { TicketStore } from './tickets/ticket-store.js';
import { DEFAULT_SWITCHES } from './vendor/switches.js';
import { serveVendor } from './vendor/vendor-surface.js';

export interface SimulatorOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  managementPort: number;
  /** Path of the file that keeps tickets, users and reports, or null. */
  dataFile: string | null;
}

export interface Simulator {
  /** Such as `http://127.0.0.1:8090`. */
  url: string;
  managementUrl: string;
  close(): Promise<void>;
}

/** Both PSAs, the operator's API and page on one port; health on another. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const journal = new Journal(options.dataFile);
  const simulation: Simulation = {
    store: new TicketStore(journal),
    users: new UserStore(journal),
    reports: new ReportStore(journal),
    faults: new FaultRegister(),
    log: new RequestLog(),
    switches: { ...DEFAULT_SWITCHES },
  };
  journal.open();
  const app = createApp(simulation);
  const management = createManagement(simulation);
  const url = await app.listen({ host: options.host, port: options.port });
  const managementUrl = await management.listen({ host: options.host, port: options.managementPort });
  return {
    url,
    managementUrl,
    close: async () => {
      await Promise.all([app.close(), management.close()]);
      journal.close();
    },
  };
}

function createApp(simulation: Simulation): FastifyInstance {
  const { store, users, reports, faults, log, switches } = simulation;
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: 5 << 20,
    rewriteUrl: (request) => cloudUrl(request),
  });
  serveLiveStream(app, store);
  serveAdmin(app, simulation);
  serveUsers(app, users);
  servePages(app, simulation);
  servePage(app);
  app.register(async (vendors) => {
    // Vendors judge a body themselves, whatever it claims to be.
    vendors.removeAllContentTypeParsers();
    vendors.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    const parts = { users, switches };
    const tickets = new ConnectWiseTickets(store, users, faults, switches);
    const notes = new ConnectWiseNotes(store);
    const management = new ConnectWiseReports(reports, switches);
    serveVendor(vendors, connectWise({ ...parts, tickets, notes, reports: management }), faults, log);
    const autotaskTickets = new AutotaskTickets(store, users, faults, switches);
    serveVendor(vendors, autotask({ ...parts, tickets: autotaskTickets }), faults, log);
  });
  return app;
}

/** A ConnectWise cloud host has the API at its root. */
function cloudUrl(request: { url?: string | undefined; headers: { host?: string | undefined } }): string {
  const url = request.url ?? '/';
  return /\.(?:myconnectwise\.net|connectwisedev\.com)(?::\d+)?$/i.test(request.headers.host ?? '')
    ? `/connectwise${url}`
    : url;
}

function createManagement({ store }: Simulation): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_, reply) => {
    const lines = (['connectwise', 'autotask'] as const).flatMap((provider) => {
      const tickets = store.all(provider);
      const open = tickets.filter((ticket) => !ticket.isClosed).length;
      return [
        `simulator_tickets{provider="${provider}",state="open"} ${open}`,
        `simulator_tickets{provider="${provider}",state="closed"} ${tickets.length - open}`,
      ];
    });
    const help = '# HELP simulator_tickets Tickets that exist.\n# TYPE simulator_tickets gauge\n';
    return reply.type('text/plain; version=0.0.4').send(`${help}${lines.join('\n')}\n`);
  });
  return app;
}
