import type { Operation } from '../faults/fault.js';
import { opensApi, type Resource } from '../users/resource.js';
import type { UserStore } from '../users/user-store.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import { penaltyMs, RequestBudget } from '../vendor/request-budget.js';
import type { Switches } from '../vendor/switches.js';
import type { Vendor, VendorRequest } from '../vendor/vendor-surface.js';
import * as answers from './autotask.answers.js';
import { COMPANIES, CONTACTS, CONTRACTS, SECRET, SERVICES } from './autotask.data.js';
import { ENTITIES, USER_FIELDS, type EntityField } from './autotask.entities.js';
import type { EntityRecord } from './autotask.filter.js';
import { countAnswer, queryAnswer, readQuery, type Query } from './autotask.query.js';
import type { ResourceRequest } from './autotask.request.js';
import type { AutotaskTickets } from './autotask.tickets.js';

interface Call {
  request: ResourceRequest;
  /** Such as `Tickets`, in the vendor's spelling. */
  entity: string;
  id: number;
  /** Absolute, of the entity. */
  base: string;
}
type Route = [method: string, path: RegExp, handle: (call: Call) => Answer];

export interface AutotaskParts {
  tickets: AutotaskTickets;
  users: UserStore;
  switches: Switches;
}

/** Optional zone, optional `ATServicesRest`, version; any case. */
const API = /^(?:\/(zone-[a-z0-9]+))?(?:\/atservicesrest)?\/v1\.0(\/.*)$/i;
const VERSIONS = /^(?:\/atservicesrest)?\/versioninformation$/i;
const QUERY = /^\/([a-z]+)\/query(?:\/next)?$/i;
const HOUR_MS = 3_600_000;
/** What the vendor's Postman collection shows as the threshold. */
const USUAL_THRESHOLD = 10_000;
const MAX_ADDRESS = 2_100;

/** Autotask PSA: the parts of its REST API that tickets need. */
export function autotask(parts: AutotaskParts): Vendor {
  const { tickets, switches } = parts;
  const routes = routeTable(parts);
  const budget = new RequestBudget(HOUR_MS);
  return {
    provider: 'autotask',
    prefix: '/autotask',
    threads: {
      limit: 3,
      entityOf: (path) => (splitPath(path)?.split('/')[1] ?? '').toLowerCase(),
      answer: () => answers.threadLimit(switches.autotaskThreadLimitStatus),
    },
    operationOf: (request) => operationOf(request, tickets),
    delayMs: () => penaltyMs(budget.count(), switches.autotaskRequestsPerHour),
    handle: (request) => {
      const used = budget.use();
      const limit = switches.autotaskRequestsPerHour;
      const answered =
        limit > 0 && used > limit ? answers.tooManyRequests(null) : answer(request, routes, parts, used);
      return switches.autotaskErrorObjects ? answers.withErrorObjects(answered) : answered;
    },
    tooMany: answers.tooManyRequests,
    failure: answers.failure,
  };
}

/** Users know theirs of before: whoever sends a rotated one is let in by that. */
const secretOfBefore = (secret: string, { autotaskSecret }: Switches): string =>
  autotaskSecret === '' ? secret : secret === autotaskSecret ? SECRET : '';

function answer(request: VendorRequest, routes: Route[], parts: AutotaskParts, used: number): Answer {
  const { users, switches } = parts;
  if (VERSIONS.test(request.path)) return jsonAnswer(200, { apiVersions: ['v1.0'] });
  const [, zone = '', path] = API.exec(request.path) ?? [];
  if (path === undefined) return emptyAnswer(404);
  if (/^\/zoneinformation$/i.test(path)) return zoneInformation(request, parts);
  const { username = '', secret = '', apiintegrationcode: code = '' } = request.headers;
  const resource = users.withUsername(username);
  if (!resource || !opensApi(resource, secretOfBefore(secret, switches), code))
    return answers.badKeys(switches.autotaskBadKeysStatus);
  if (zone !== switches.autotaskZone) return emptyAnswer(401);
  if (isTooLong(request)) return answers.failure(414);
  if (/^\/thresholdinformation$/i.test(path)) {
    return jsonAnswer(200, {
      externalRequestThreshold: switches.autotaskRequestsPerHour || USUAL_THRESHOLD,
      requestThresholdTimeframe: 60,
      currentTimeframeRequestCount: used,
    });
  }
  return routed(request, path, routes, { ...parts, resource });
}

/** A filter in an address; what does not fit is posted. */
function isTooLong({ method, path, address }: VendorRequest): boolean {
  return method === 'GET' && /\/query$/i.test(path) && address.length > MAX_ADDRESS;
}

function routed(
  request: VendorRequest,
  path: string,
  routes: Route[],
  { resource, users, switches }: AutotaskParts & { resource: Resource },
): Answer {
  const ofPath = routes.filter(([, pattern]) => pattern.test(path));
  if (ofPath.length === 0) return emptyAnswer(404);
  const route = ofPath.find(([method]) => method === request.method);
  if (!route) return emptyAnswer(405);
  const [, name = '', id = ''] = route[1].exec(path) ?? [];
  const entity = Object.keys(ENTITIES).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (entity === undefined) return emptyAnswer(404);
  const base = `${request.origin}/autotask${request.path.slice(0, request.path.length - path.length)}/${entity}`;
  const isWrite = request.method !== 'GET' && !path.toLowerCase().includes('/query');
  if (isWrite && !switches.autotaskCanWrite) return answers.lacksPermission();
  try {
    const inName = isWrite ? impersonated(request, resource, users) : resource;
    return route[2]({ request: { ...request, resource: inName }, entity, id: Number(id), base });
  } catch (error) {
    if (error instanceof answers.Refusal) return error.answer;
    throw error;
  }
}

/** Whom a write is attributed to. @throws Refusal where that resource is not there */
function impersonated(request: VendorRequest, resource: Resource, users: UserStore): Resource {
  const id = request.headers['impersonationresourceid'];
  if (id === undefined) return resource;
  const found = users.resources().find((each) => String(each.id) === id && each.isActive);
  if (!found) throw answers.refused(`The ImpersonationResourceId [${id}] does not exist or is invalid.`);
  return found;
}

function routeTable({ tickets, users, switches }: AutotaskParts): Route[] {
  const recordsOf = (entity: string, parsed: Query): EntityRecord[] => {
    if (entity === 'Tickets') return tickets.records(parsed);
    return entity === 'TicketNotes' ? tickets.noteRecords(parsed) : rowsOf(entity, users);
  };
  const query = ({ request, entity, base }: Call): Answer => {
    const parsed = readQuery(request);
    return queryAnswer(parsed, entity, recordsOf(entity, parsed), base);
  };
  const count = ({ request, entity }: Call): Answer => {
    const parsed = readQuery(request);
    return countAnswer(parsed, entity, recordsOf(entity, parsed));
  };
  const rows =
    (list: Record<string, EntityField[]>) =>
    ({ entity }: Call): Answer =>
      jsonAnswer(200, { fields: list[entity] ?? [] });
  return [
    ['GET', QUERY, query],
    ['POST', QUERY, query],
    ['GET', /^\/([a-z]+)\/query\/count$/i, count],
    ['POST', /^\/([a-z]+)\/query\/count$/i, count],
    ['GET', /^\/([a-z]+)\/entityInformation$/i, ({ entity }) => entityInformation(entity, switches)],
    ['GET', /^\/([a-z]+)\/entityInformation\/fields$/i, rows(ENTITIES)],
    ['GET', /^\/([a-z]+)\/entityInformation\/userDefinedFields$/i, rows(USER_FIELDS)],
    ['POST', /^\/(Tickets)$/i, ({ request }) => tickets.create(request)],
    ['PATCH', /^\/(Tickets)$/i, ({ request }) => tickets.update(request)],
    ['PUT', /^\/(Tickets)$/i, ({ request }) => tickets.update(request)],
    ['GET', /^\/(Tickets)\/(\d+)$/i, ({ id }) => tickets.get(id)],
    ['GET', /^\/(TicketNotes)\/(\d+)$/i, ({ id }) => tickets.getNote(id)],
    [
      'GET',
      /^\/(Companies|Contacts|Contracts|Services|Resources)\/(\d+)$/i,
      ({ entity, id }) =>
        jsonAnswer(200, { item: rowsOf(entity, users).find((row) => row['id'] === id) ?? null }),
    ],
    ['POST', /^\/(Tickets)\/(\d+)\/Notes$/i, ({ request, id }) => tickets.addNote(request, id)],
  ]; // prettier-ignore
}

function rowsOf(entity: string, users: UserStore): EntityRecord[] {
  switch (entity) {
    case 'Companies':
      return COMPANIES;
    case 'Contacts':
      return CONTACTS;
    case 'Contracts':
      return CONTRACTS;
    case 'Services':
      return SERVICES;
    default:
      return users.resources().map((resource) => ({
        id: resource.id,
        firstName: resource.firstName,
        lastName: resource.lastName,
        email: resource.emailAddress,
        userName: resource.username ?? resource.emailAddress,
        isActive: resource.isActive,
      }));
  }
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

function zoneInformation(request: VendorRequest, { users, switches }: AutotaskParts): Answer {
  if (!users.withUsername(request.query['user'] ?? ''))
    return answers.errors('Zone information could not be determined');
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
  if (path.includes('/entityinformation')) return 'lookup';
  if (path.startsWith('/ticketnotes/')) return 'notes';
  if (path.startsWith('/tickets/query')) return 'search';
  if (/^\/(companies|contacts|contracts|services|resources)\//.test(path)) return 'lookup';
  if (/^\/tickets\/\d+\/notes$/.test(path)) return 'note';
  if (path === '/tickets' && method === 'POST') return 'create';
  if (/^\/tickets\/\d+$/.test(path)) return 'get';
  if (path !== '/tickets') return 'info';
  const isClosing = tickets.isClosing(request.body);
  return isClosing === null ? 'update' : isClosing ? 'close' : 'reopen';
}
