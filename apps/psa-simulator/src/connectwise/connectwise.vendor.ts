import type { Operation } from '../faults/fault.js';
import { memberWithKeys, ROLES } from '../users/member.js';
import type { UserStore } from '../users/user-store.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import { RequestBudget } from '../vendor/request-budget.js';
import type { Switches } from '../vendor/switches.js';
import type { Vendor, VendorRequest } from '../vendor/vendor-surface.js';
import type { VendorRecord } from './condition-match.js';
import * as answers from './connectwise.answers.js';
import { COMPANY_ID, PRIVATE_KEY, PUBLIC_KEY } from './connectwise.data.js';
import { lookupRoutes } from './connectwise.lookups.js';
import type { ConnectWiseNotes } from './connectwise.notes.js';
import type { ConnectWiseReports } from './connectwise.reports.js';
import type { MemberRequest } from './connectwise.request.js';
import type { ConnectWiseTickets } from './connectwise.tickets.js';

/** `id` and `inner` are the first and second number of the path; 0 where it has none. */
export type Route = [
  method: string,
  path: RegExp,
  handle: (request: MemberRequest, id: number, inner: number) => Answer,
];

export interface ConnectWiseParts {
  tickets: ConnectWiseTickets;
  notes: ConnectWiseNotes;
  reports: ConnectWiseReports;
  users: UserStore;
  switches: Switches;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const API = /^\/([^/]+)\/apis\/3\.0(\/.*)$/;
/** The guide's ceiling of a whole address. */
const MAX_ADDRESS = 2_000;

/** ConnectWise Manage: the parts of its API that tickets need. */
export function connectWise(parts: ConnectWiseParts): Vendor {
  const routes = routeTable(parts);
  const budget = new RequestBudget(60_000);
  return {
    provider: 'connectwise',
    prefix: '/connectwise',
    threads: null,
    operationOf: (request) => operationOf(request, parts.tickets),
    delayMs: () => 0,
    handle: (request) => {
      const limit = parts.switches.connectwiseRequestsPerMinute;
      const isTooMuch = limit > 0 && budget.use() > limit;
      return isTooMuch ? answers.tooManyRequests('30') : answer(request, routes, parts);
    },
    tooMany: answers.tooManyRequests,
    failure: answers.serverFailure,
  };
}

function answer(request: VendorRequest, routes: Route[], { users, switches }: ConnectWiseParts): Answer {
  const company = /^\/login\/companyinfo\/([^/]+)$/.exec(request.path)?.[1];
  if (company !== undefined) return companyInfo(company, request, switches);
  const [, codebase, path] = API.exec(request.path) ?? [];
  if (codebase === undefined || path === undefined) return answers.notFound('Resource');
  if (request.address.length > MAX_ADDRESS) return answers.addressTooLong();
  if (isCloud(request) && !/^api-/i.test(request.headers['host'] ?? '')) {
    return jsonAnswer(403, { code: 'Security', message: 'SSL is required.', errors: null });
  }
  if (codebase !== 'v4_6_release' && codebase !== switches.connectwiseCodebase) return emptyAnswer(404);
  const authorization = keysOfBefore(request.headers['authorization'], switches);
  const member = memberWithKeys(authorization, COMPANY_ID, (key) => users.withPublicKey(key));
  if (!member)
    return isCloud(request) && switches.connectwiseCloudBadKeysStatus === 404
      ? emptyAnswer(404)
      : answers.unauthorized(switches.connectwiseUnauthorizedCode);
  if (!GUID.test(request.headers['clientid'] ?? '')) {
    const body = { code: 'InvalidClientId', message: 'A valid clientId is required.', errors: null };
    return jsonAnswer(switches.connectwiseClientIdStatus, body);
  }
  return withVendorHeaders(
    refusedBefore(request, path, switches) ?? routed({ ...request, member }, path, routes),
  );
}

const keysWith = (privateKey: string): string =>
  `Basic ${Buffer.from(`${COMPANY_ID}+${PUBLIC_KEY}:${privateKey}`).toString('base64')}`;

/** Members know theirs of before: whoever sends a rotated one is let in by that. */
function keysOfBefore(sent: string | undefined, { connectwisePrivateKey }: Switches): string | undefined {
  if (connectwisePrivateKey === '') return sent;
  return sent === keysWith(connectwisePrivateKey) ? keysWith(PRIVATE_KEY) : undefined;
}

/** What stands before the route: an add-on that is not there, a field that the tenant made required. */
function refusedBefore(request: VendorRequest, path: string, switches: Switches): Answer | null {
  if (path.startsWith('/company/managed') && !switches.connectwiseAddOn) return answers.notFound('Resource');
  const isCreate = request.method === 'POST' && path === '/service/tickets';
  return isCreate ? missingOf(request.body, switches.requiredTicketField) : null;
}

function missingOf(body: unknown, field: string): Answer | null {
  const given = typeof body === 'object' && body !== null ? (body as VendorRecord)[field] : undefined;
  return field === '' || given !== undefined
    ? null
    : answers.invalidObject('ticket', [answers.missingField('ticket', field)]).answer;
}

function routed(request: MemberRequest, path: string, routes: Route[]): Answer {
  const ofPath = routes.filter(([, pattern]) => pattern.test(path));
  if (ofPath.length === 0) return answers.notFound('Resource');
  const route = ofPath.find(([method]) => method === request.method);
  if (!route) return emptyAnswer(405);
  const role = ROLES.find(({ id }) => id === request.member.roleId);
  if (!role?.allows(request.method, path)) return answers.lacksPermission();
  const [, id, inner] = route[1].exec(path) ?? [];
  try {
    return route[2](request, Number(id ?? 0), Number(inner ?? 0));
  } catch (error) {
    if (error instanceof answers.Refusal) return error.answer;
    throw error;
  }
}

function routeTable({ tickets, notes, reports, users }: ConnectWiseParts): Route[] {
  return [
    ['GET', /^\/system\/info$/, systemInfo],
    ['GET', /^\/service\/tickets$/, (request) => tickets.list(request)],
    ['POST', /^\/service\/tickets$/, (request) => tickets.create(request)],
    ['GET', /^\/service\/tickets\/count$/, (request) => tickets.count(request)],
    ['POST', /^\/service\/tickets\/search$/, (request) => tickets.searchByBody(request)],
    ['GET', /^\/service\/tickets\/(\d+)$/, (_, id) => tickets.get(id)],
    ['PATCH', /^\/service\/tickets\/(\d+)$/, (request, id) => tickets.patch(request, id)],
    ['PUT', /^\/service\/tickets\/(\d+)$/, (request, id) => tickets.replace(request, id)],
    ['DELETE', /^\/service\/tickets\/(\d+)$/, (_, id) => tickets.delete(id)],
    ['POST', /^\/service\/tickets\/(\d+)\/merge$/, (request, id) => tickets.merge(request, id)],
    ['POST', /^\/service\/tickets\/(\d+)\/attachChildren$/, (request, id) => tickets.attachChildren(request, id)],
    ['GET', /^\/service\/tickets\/(\d+)\/(?:notes|allNotes)$/, (request, id) => notes.list(request, id)],
    ['POST', /^\/service\/tickets\/(\d+)\/notes$/, (request, id) => notes.add(request, id)],
    ['GET', /^\/service\/tickets\/(\d+)\/notes\/count$/, (request, id) => notes.count(request, id)],
    ['GET', /^\/service\/tickets\/(\d+)\/notes\/(\d+)$/, (_, id, note) => notes.get(id, note)],
    ['PATCH', /^\/service\/tickets\/(\d+)\/notes\/(\d+)$/, (request, id, note) => notes.patch(request, id, note)],
    ['DELETE', /^\/service\/tickets\/(\d+)\/notes\/(\d+)$/, (request, id, note) => notes.delete(request, id, note)],
    ['POST', /^\/system\/documents$/, documentTypes],
    ...reportRoutes(reports),
    ...lookupRoutes(users),
  ]; // prettier-ignore
}

function reportRoutes(reports: ConnectWiseReports): Route[] {
  const all = /^\/company\/companies\/(\d+)\/managementSummaryReports$/;
  const one = /^\/company\/companies\/(\d+)\/managementSummaryReports\/(\d+)$/;
  return [
    ['GET', all, (request, company) => reports.list(request, company)],
    ['POST', all, (request, company) => reports.create(request, company)],
    ['GET', /^\/company\/companies\/(\d+)\/managementSummaryReports\/count$/, (request, company) => reports.count(request, company)],
    ['GET', one, (_, company, id) => reports.get(company, id)],
    ['PATCH', one, (request, company, id) => reports.patch(request, company, id)],
    ['DELETE', one, (_, company, id) => reports.delete(company, id)],
  ]; // prettier-ignore
}

function systemInfo(request: MemberRequest): Answer {
  const isOfCloud = isCloud(request);
  const region = isOfCloud ? { cloudRegion: 'NA' } : {};
  return jsonAnswer(200, { version: 'v2025.1', isCloud: isOfCloud, serverTimeZone: 'UTC', ...region, licenseBits: [] }); // prettier-ignore
}

/** Files come as a form; nothing here keeps one. */
function documentTypes(request: MemberRequest): Answer {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
    ? emptyAnswer(501)
    : emptyAnswer(415);
}

function companyInfo(company: string, request: VendorRequest, switches: Switches): Answer {
  if (company.toLowerCase() !== COMPANY_ID)
    return switches.connectwiseUnknownCompanyStatus === 404 ? emptyAnswer(404) : jsonAnswer(200, null);
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

const REPORT_OPERATIONS: Record<string, Operation> = { POST: 'create', DELETE: 'delete' };

function operationOf(request: VendorRequest, tickets: ConnectWiseTickets): Operation {
  const path = API.exec(request.path)?.[2] ?? '';
  const { method } = request;
  const [, id, rest] = /^\/service\/tickets(?:\/(\d+|count|search))?(\/.*)?$/.exec(path) ?? [null, null];
  if (path.includes('/managementSummaryReports') && method !== 'GET')
    return REPORT_OPERATIONS[method] ?? 'update';
  if (id === null) return /^\/(service|company|finance|procurement)\//.test(path) ? 'lookup' : 'info';
  if (rest === '/allNotes') return 'notes';
  if (rest?.startsWith('/notes')) return method === 'POST' ? 'note' : 'notes';
  if (rest === '/merge') return 'merge';
  if (id === undefined) return method === 'POST' ? 'create' : 'search';
  if (id === 'count' || id === 'search') return 'search';
  if (method === 'GET') return 'get';
  if (method === 'DELETE') return 'delete';
  const isClosing = tickets.isClosing(Number(id), request.body);
  return isClosing === null ? 'update' : isClosing ? 'close' : 'reopen';
}
