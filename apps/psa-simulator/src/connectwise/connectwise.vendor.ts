import type { Operation } from '../faults/fault.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { Switches } from '../vendor/switches.js';
import type { Vendor, VendorRequest } from '../vendor/vendor-surface.js';
import {
  invalidObject,
  missingField,
  notFound,
  Refusal,
  serverFailure,
  tooManyRequests,
  unauthorized,
} from './connectwise.answers.js';
import {
  AGREEMENTS,
  BOARDS,
  CATALOG,
  COMPANIES,
  COMPANY_ID,
  MANAGED_DEVICES,
  PRIORITIES,
  PRIVATE_KEY,
  PUBLIC_KEY,
  SOLUTIONS,
  STATUSES,
  SUMMARIES,
  TEAMS,
} from './connectwise.data.js';
import { pageAnswer, readConditions, selected } from './connectwise.lists.js';
import { companyRecord, statusRecord } from './connectwise.records.js';
import type { ConnectWiseTickets } from './connectwise.tickets.js';
import type { VendorRecord } from './condition-match.js';

type Route = [method: string, path: RegExp, handle: (request: VendorRequest, id: number) => Answer];

const CREDENTIALS = `Basic ${Buffer.from(`${COMPANY_ID}+${PUBLIC_KEY}:${PRIVATE_KEY}`).toString('base64')}`;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const API = /^\/([^/]+)\/apis\/3\.0(\/.*)$/;

/** ConnectWise Manage: the parts of its API that tickets need. */
export function connectWise(tickets: ConnectWiseTickets, switches: Switches): Vendor {
  const routes = routeTable(tickets);
  return {
    provider: 'connectwise',
    prefix: '/connectwise',
    threads: null,
    operationOf: (request) => operationOf(request, tickets),
    handle: (request) => answer(request, routes, switches),
    tooMany: tooManyRequests,
    failure: serverFailure,
  };
}

function answer(request: VendorRequest, routes: Route[], switches: Switches): Answer {
  const company = /^\/login\/companyinfo\/([^/]+)$/.exec(request.path)?.[1];
  if (company !== undefined) return companyInfo(company, request, switches);
  const [, codebase, path] = API.exec(request.path) ?? [];
  if (codebase === undefined || path === undefined) return notFound('Resource');
  if (isCloud(request) && !/^api-/i.test(request.headers['host'] ?? '')) {
    return jsonAnswer(403, { code: 'Security', message: 'SSL is required.', errors: null });
  }
  if (codebase !== 'v4_6_release' && codebase !== switches.connectwiseCodebase) return emptyAnswer(404);
  if (request.headers['authorization'] !== CREDENTIALS) return unauthorized();
  if (!GUID.test(request.headers['clientid'] ?? '')) {
    const body = { code: 'InvalidClientId', message: 'A valid clientId is required.', errors: null };
    return jsonAnswer(switches.connectwiseClientIdStatus, body);
  }
  const isAddOn = path.startsWith('/company/managed');
  if (isAddOn && !switches.connectwiseAddOn) return withVendorHeaders(notFound('Resource'));
  const isCreate = request.method === 'POST' && path === '/service/tickets';
  const missing = isCreate ? missingOf(request.body, switches.requiredTicketField) : null;
  return withVendorHeaders(missing ?? routed(request, path, routes));
}

/** A field that the tenant made required. */
function missingOf(body: unknown, field: string): Answer | null {
  const given = typeof body === 'object' && body !== null ? (body as VendorRecord)[field] : undefined;
  return field === '' || given !== undefined
    ? null
    : invalidObject('ticket', [missingField('ticket', field)]).answer;
}

function routed(request: VendorRequest, path: string, routes: Route[]): Answer {
  const ofPath = routes.filter(([, pattern]) => pattern.test(path));
  if (ofPath.length === 0) return notFound('Resource');
  const route = ofPath.find(([method]) => method === request.method);
  if (!route) return emptyAnswer(405);
  try {
    return route[2](request, Number(route[1].exec(path)?.[1] ?? 0));
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function routeTable(tickets: ConnectWiseTickets): Route[] {
  const list = (path: string, records: () => VendorRecord[]): Route => [
    'GET',
    new RegExp(`^/${path}$`),
    (request) => lookup(request, records()),
  ];
  return [
    [
      'GET',
      /^\/system\/info$/,
      () => jsonAnswer(200, { version: 'v2025.1', isCloud: false, serverTimeZone: 'UTC', licenseBits: [] }),
    ],
    ['GET', /^\/service\/tickets$/, (request) => tickets.list(request)],
    ['POST', /^\/service\/tickets$/, (request) => tickets.create(request)],
    ['GET', /^\/service\/tickets\/count$/, (request) => tickets.count(request)],
    ['POST', /^\/service\/tickets\/search$/, (request) => tickets.searchByBody(request)],
    ['GET', /^\/service\/tickets\/(\d+)$/, (_, id) => tickets.get(id)],
    ['PATCH', /^\/service\/tickets\/(\d+)$/, (request, id) => tickets.patch(request, id)],
    ['PUT', /^\/service\/tickets\/(\d+)$/, (request, id) => tickets.replace(request, id)],
    ['DELETE', /^\/service\/tickets\/(\d+)$/, (_, id) => tickets.delete(id)],
    ['GET', /^\/service\/tickets\/(\d+)\/notes$/, (request, id) => tickets.notes(request, id)],
    ['POST', /^\/service\/tickets\/(\d+)\/notes$/, (request, id) => tickets.addNote(request, id)],
    ['GET', /^\/service\/tickets\/(\d+)\/notes\/count$/, (request, id) => tickets.noteCount(request, id)],
    ['POST', /^\/service\/tickets\/(\d+)\/merge$/, (request, id) => tickets.merge(request, id)],
    list('service/boards', () => BOARDS),
    ['GET', /^\/service\/boards\/(\d+)\/statuses$/, (request, id) => boardStatuses(request, id)],
    list('service/priorities', () => PRIORITIES),
    list('company/managementItSolutions', () => SOLUTIONS),
    list('company/companies', () => COMPANIES.map(companyRecord)),
    [
      'GET',
      /^\/company\/companies\/(\d+)\/managementSummaryReports$/,
      (request, id) => companySummaries(request, id),
    ],
    list('company/managedDevicesIntegrations', () => MANAGED_DEVICES),
    list('finance/agreements', () => AGREEMENTS),
    list('procurement/catalog', () => CATALOG),
    ['GET', /^\/service\/boards\/(\d+)\/teams$/, (request, id) => boardTeams(request, id)],
  ];
}

function boardStatuses(request: VendorRequest, boardId: number): Answer {
  if (!BOARDS.some(({ id }) => id === boardId)) return notFound(`Board ${boardId}`);
  return lookup(request, STATUSES.filter((status) => status.boardId === boardId).map(statusRecord));
}

function boardTeams(request: VendorRequest, boardId: number): Answer {
  if (!BOARDS.some(({ id }) => id === boardId)) return notFound(`Board ${boardId}`);
  return lookup(
    request,
    TEAMS.filter((team) => team.boardId === boardId),
  );
}

function companySummaries(request: VendorRequest, companyId: number): Answer {
  if (!COMPANIES.some(({ id }) => id === companyId)) return notFound(`Company ${companyId}`);
  return lookup(
    request,
    SUMMARIES.filter((summary) => summary.companyId === companyId),
  );
}

function lookup(request: VendorRequest, rows: VendorRecord[]): Answer {
  // Vendors add fields; a client must not mind.
  const records = rows.map((row) => ({ ...row, _info: { lastUpdated: '2026-01-01T00:00:00Z' } }));
  const fields = new Set([
    'id',
    ...records.flatMap((record) => Object.keys(record).map((name) => name.toLowerCase())),
  ]);
  return pageAnswer(request, selected(records, readConditions(request.query['conditions']), fields));
}

function companyInfo(company: string, request: VendorRequest, switches: Switches): Answer {
  if (company.toLowerCase() !== COMPANY_ID) return jsonAnswer(200, null);
  const codebase = isCloud(request) ? switches.connectwiseCodebase : 'v4_6_release';
  return jsonAnswer(200, {
    CompanyName: 'Demo MSP',
    Codebase: `${codebase}/`,
    VersionCode: codebase.replace('_', '.'),
    VersionNumber: 'v4.6.38842',
    CompanyID: COMPANY_ID,
    IsCloud: isCloud(request) ? 'True' : 'False',
  });
}

function isCloud(request: VendorRequest): boolean {
  return /\.(?:myconnectwise\.net|connectwisedev\.com)(?::\d+)?$/i.test(request.headers['host'] ?? '');
}

function withVendorHeaders(answer: Answer): Answer {
  const headers = {
    'api-current-version': '2025.1',
    'x-cw-request-id': crypto.randomUUID(),
    'x-server-name': 'SIM-01',
  };
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function operationOf(request: VendorRequest, tickets: ConnectWiseTickets): Operation {
  const path = API.exec(request.path)?.[2] ?? '';
  const { method } = request;
  const [, id, rest] = /^\/service\/tickets(?:\/(\d+|count|search))?(\/.*)?$/.exec(path) ?? [null, null];
  if (id === null) return /^\/(service|company|finance|procurement)\//.test(path) ? 'lookup' : 'info';
  if (rest?.startsWith('/notes')) return method === 'POST' ? 'note' : 'notes';
  if (rest === '/merge') return 'merge';
  if (id === undefined) return method === 'POST' ? 'create' : 'search';
  if (id === 'count' || id === 'search') return 'search';
  if (method === 'GET') return 'get';
  if (method === 'DELETE') return 'delete';
  const isClosing = tickets.isClosing(Number(id), request.body);
  return isClosing === null ? 'update' : isClosing ? 'close' : 'reopen';
}
