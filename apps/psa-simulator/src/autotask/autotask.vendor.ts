import type { Operation } from '../faults/fault.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { Switches } from '../vendor/switches.js';
import type { Vendor, VendorRequest } from '../vendor/vendor-surface.js';
import { badKeys, errors, failure, Refusal, THREAD_LIMIT, tooManyRequests } from './autotask.answers.js';
import {
  COMPANIES,
  CONTRACTS,
  ENTITIES,
  SECRET,
  SERVICES,
  TRACKING_IDENTIFIER,
  USERNAME,
} from './autotask.data.js';
import { countAnswer, queryAnswer, readQuery } from './autotask.query.js';
import type { AutotaskTickets } from './autotask.tickets.js';

interface Call {
  request: VendorRequest;
  /** Such as `Tickets`, in the vendor's spelling. */
  entity: string;
  id: number;
  /** Absolute, of the entity. */
  base: string;
}
type Route = [method: string, path: RegExp, handle: (call: Call) => Answer];

/** Optional zone, optional `ATServicesRest`, version; any case. */
const API = /^(?:\/(zone-[a-z0-9]+))?(?:\/atservicesrest)?\/v1\.0(\/.*)$/i;
const QUERY = /^\/([a-z]+)\/query(?:\/next)?$/i;

/** Autotask PSA: the parts of its REST API that tickets need. */
export function autotask(tickets: AutotaskTickets, switches: Switches): Vendor {
  const routes = routeTable(tickets, switches);
  const usage = { requests: 0 };
  return {
    provider: 'autotask',
    prefix: '/autotask',
    threads: {
      limit: 3,
      entityOf: (path) => (splitPath(path)?.split('/')[1] ?? '').toLowerCase(),
      answer: THREAD_LIMIT,
    },
    operationOf: (request) => operationOf(request, tickets),
    handle: (request) => {
      usage.requests += 1;
      return answer(request, routes, switches, usage.requests);
    },
    tooMany: tooManyRequests,
    failure,
  };
}

function answer(request: VendorRequest, routes: Route[], switches: Switches, used: number): Answer {
  const [, zone = '', path] = API.exec(request.path) ?? [];
  if (path === undefined) return emptyAnswer(404);
  if (/^\/zoneinformation$/i.test(path)) return zoneInformation(request, switches);
  const { username, secret, apiintegrationcode } = request.headers;
  const hasKeys = username === USERNAME && secret === SECRET && apiintegrationcode === TRACKING_IDENTIFIER;
  if (!hasKeys) return badKeys(switches.autotaskBadKeysStatus);
  if (zone !== switches.autotaskZone) return emptyAnswer(401);
  if (/^\/thresholdinformation$/i.test(path)) {
    return jsonAnswer(200, {
      externalRequestThreshold: 10000,
      requestThresholdTimeframe: 60,
      currentTimeframeRequestCount: used,
    });
  }
  return routed(request, path, routes);
}

function routed(request: VendorRequest, path: string, routes: Route[]): Answer {
  const ofPath = routes.filter(([, pattern]) => pattern.test(path));
  if (ofPath.length === 0) return emptyAnswer(404);
  const route = ofPath.find(([method]) => method === request.method);
  if (!route) return emptyAnswer(405);
  const [, name = '', id = ''] = route[1].exec(path) ?? [];
  const entity = Object.keys(ENTITIES).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (entity === undefined) return emptyAnswer(404);
  const base = `${request.origin}/autotask${request.path.slice(0, request.path.length - path.length)}/${entity}`;
  try {
    return route[2]({ request, entity, id: Number(id), base });
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function routeTable(tickets: AutotaskTickets, switches: Switches): Route[] {
  const query = ({ request, entity, base }: Call): Answer => {
    const parsed = readQuery(request);
    return queryAnswer(parsed, entity, recordsOf(entity, tickets, parsed), base);
  };
  const count = ({ request, entity }: Call): Answer => {
    const parsed = readQuery(request);
    return countAnswer(parsed, entity, recordsOf(entity, tickets, parsed));
  };
  return [
    ['GET', QUERY, query],
    ['POST', QUERY, query],
    ['GET', /^\/([a-z]+)\/query\/count$/i, count],
    ['POST', /^\/([a-z]+)\/query\/count$/i, count],
    ['GET', /^\/([a-z]+)\/entityInformation$/i, ({ entity }) => entityInformation(entity, switches)],
    [
      'GET',
      /^\/([a-z]+)\/entityInformation\/fields$/i,
      ({ entity }) => jsonAnswer(200, { fields: ENTITIES[entity] }),
    ],
    ['GET', /^\/([a-z]+)\/entityInformation\/userDefinedFields$/i, () => jsonAnswer(200, { fields: [] })],
    ['POST', /^\/(Tickets)$/i, ({ request }) => tickets.create(request, switches.requiredTicketField)],
    ['PATCH', /^\/(Tickets)$/i, ({ request }) => tickets.update(request)],
    ['PUT', /^\/(Tickets)$/i, ({ request }) => tickets.update(request)],
    ['GET', /^\/(Tickets)\/(\d+)$/i, ({ id }) => tickets.get(id)],
    [
      'GET',
      /^\/(Companies)\/(\d+)$/i,
      ({ id }) => jsonAnswer(200, { item: COMPANIES.find((row) => row.id === id) ?? null }),
    ],
    ['POST', /^\/(Tickets)\/(\d+)\/Notes$/i, ({ request, id }) => tickets.addNote(request, id)],
  ];
}

function recordsOf(entity: string, tickets: AutotaskTickets, query: ReturnType<typeof readQuery>) {
  if (entity === 'Companies') return COMPANIES;
  if (entity === 'Contracts') return CONTRACTS;
  if (entity === 'Services') return SERVICES;
  return entity === 'Tickets' ? tickets.records(query) : tickets.noteRecords(query);
}

function entityInformation(entity: string, { autotaskCanWrite }: Switches): Answer {
  const isReadOnly = !autotaskCanWrite || !entity.startsWith('Ticket');
  return jsonAnswer(200, {
    info: {
      name: entity,
      canCreate: !isReadOnly,
      canUpdate: !isReadOnly,
      canQuery: true,
      canDelete: false,
      userAccessForCreate: isReadOnly ? 'None' : 'All',
      userAccessForQuery: 'All',
      userAccessForUpdate: isReadOnly ? 'None' : 'All',
      userAccessForDelete: 'None',
    },
  });
}

function zoneInformation(request: VendorRequest, switches: Switches): Answer {
  if (request.query['user']?.toLowerCase() !== USERNAME)
    return errors('Zone information could not be determined');
  const zone = switches.autotaskZone === '' ? '' : `${switches.autotaskZone}/`;
  return jsonAnswer(200, {
    zoneName: zone === '' ? 'Simulator' : switches.autotaskZone,
    url: `${request.origin}/autotask/${zone}ATServicesRest/`,
    webUrl: `${request.origin}/autotask/`,
    ci: 1,
  });
}

function splitPath(path: string): string | undefined {
  return API.exec(path)?.[2];
}

function operationOf(request: VendorRequest, tickets: AutotaskTickets): Operation {
  const path = splitPath(request.path)?.toLowerCase() ?? '';
  const { method } = request;
  if (path.startsWith('/ticketnotes/query')) return 'notes';
  if (path.startsWith('/tickets/query')) return 'search';
  if (path.includes('/entityinformation') || /^\/(companies|contracts|services)\//.test(path))
    return 'lookup';
  if (/^\/tickets\/\d+\/notes$/.test(path)) return 'note';
  if (path === '/tickets' && method === 'POST') return 'create';
  if (/^\/tickets\/\d+$/.test(path)) return 'get';
  if (path !== '/tickets') return 'info';
  const isClosing = tickets.isClosing(request.body);
  return isClosing === null ? 'update' : isClosing ? 'close' : 'reopen';
}
