import type { Member } from '../users/member.js';
import type { UserStore } from '../users/user-store.js';
import { jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRecord } from './condition-match.js';
import { notFound } from './connectwise.answers.js';
import {
  AGREEMENTS,
  BOARDS,
  CATALOG,
  COMPANIES,
  MANAGED_DEVICES,
  PRIORITIES,
  SOLUTIONS,
  SOURCES,
  STATUSES,
  TEAMS,
  TYPES,
} from './connectwise.data.js';
import { pageAnswer, readConditions, selected } from './connectwise.lists.js';
import { companyRecord, statusRecord } from './connectwise.records.js';
import type { MemberRequest } from './connectwise.request.js';
import type { Route } from './connectwise.vendor.js';

const LEVELS = ['Low', 'Medium', 'High'].map((name, index) => ({ id: index + 1, name }));

/** What is read and never written here: whole lists, with `/count` and `/{id}`, and lists of a board. */
export function lookupRoutes(users: UserStore): Route[] {
  return [
    ...list('service/boards', () => BOARDS),
    ...list('service/priorities', () => PRIORITIES),
    ...list('service/sources', () => SOURCES),
    ...list('service/severities', () => LEVELS),
    ...list('service/impacts', () => LEVELS),
    ...list('company/companies', () => COMPANIES.map(companyRecord)),
    ...list('company/managementItSolutions', () => SOLUTIONS),
    ...list('company/managedDevicesIntegrations', () => MANAGED_DEVICES),
    ...list('finance/agreements', () => AGREEMENTS),
    ...list('procurement/catalog', () => CATALOG),
    ...list('system/members', () => users.members().map(memberRecord)),
    ...within('service/boards', 'statuses', BOARDS, (board) =>
      STATUSES.filter(({ boardId }) => boardId === board).map(statusRecord),
    ),
    ...within('service/boards', 'teams', BOARDS, (board) => TEAMS.filter(({ boardId }) => boardId === board)),
    ...within('service/boards', 'types', BOARDS, (board) => TYPES.filter(({ boardId }) => boardId === board)),
  ];
}

function memberRecord({ id, identifier, name, isApi, isInactive, defaultBoardId }: Member) {
  const board = BOARDS.find((candidate) => candidate.id === defaultBoardId);
  return {
    ...{ id, identifier, firstName: name, licenseClass: isApi ? 'A' : 'F', inactiveFlag: isInactive },
    ...(board && { serviceDefaultBoard: { id: board.id, name: board.name } }),
  };
}

function list(path: string, rows: () => VendorRecord[]): Route[] {
  return [
    ['GET', new RegExp(`^/${path}$`), (request) => lookup(request, rows())],
    ['GET', new RegExp(`^/${path}/count$`), (request) => count(request, rows())],
    ['GET', new RegExp(`^/${path}/(\\d+)$`), (_, id) => one(path, rows(), id)],
  ];
}

function within(
  path: string,
  name: string,
  parents: { id: number }[],
  rows: (parentId: number) => VendorRecord[],
): Route[] {
  const known = (id: number, answer: () => Answer): Answer =>
    parents.some((parent) => parent.id === id) ? answer() : notFound(`${path} ${id}`);
  return [
    ['GET', new RegExp(`^/${path}/(\\d+)/${name}$`), (request, id) => known(id, () => lookup(request, rows(id)))],
    ['GET', new RegExp(`^/${path}/(\\d+)/${name}/count$`), (request, id) => known(id, () => count(request, rows(id)))],
    ['GET', new RegExp(`^/${path}/(\\d+)/${name}/(\\d+)$`), (_, id, inner) => known(id, () => one(name, rows(id), inner))],
  ]; // prettier-ignore
}

function lookup(request: MemberRequest, rows: VendorRecord[]): Answer {
  return pageAnswer(request, chosen(request, rows));
}

function count(request: MemberRequest, rows: VendorRecord[]): Answer {
  return jsonAnswer(200, { count: chosen(request, rows).length });
}

function one(what: string, rows: VendorRecord[], id: number): Answer {
  const row = rows.find((candidate) => candidate['id'] === id);
  return row ? jsonAnswer(200, withInfo(row)) : notFound(`${what} ${id}`);
}

function chosen(request: MemberRequest, rows: VendorRecord[]): VendorRecord[] {
  const records = rows.map(withInfo);
  const fields = new Set([
    'id',
    ...records.flatMap((record) => Object.keys(record).map((name) => name.toLowerCase())),
  ]);
  return selected(records, readConditions(request.query['conditions']), fields);
}

/** Vendors add fields; a client must not mind. */
function withInfo(row: VendorRecord): VendorRecord {
  return { ...row, _info: { lastUpdated: '2026-01-01T00:00:00Z' } };
}
