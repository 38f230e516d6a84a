import { describe, expect, it } from '@jest/globals';
import { type Identity, type Role, ROLES } from '../principals/principal.js';
import { expected, outcomeOf, type Relation, RELATIONS, type Things } from './relations.js';

export interface MatrixAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: Record<string, unknown>;
}
export interface MatrixRoute<T> {
  /** As the OpenAPI document has it, below `/api/v1/`: `PATCH brands/{id}`. */
  route: string;
  /** The path for a thing, below `/api/v1/`. */
  of: (thing: T) => string;
  roles: readonly Role[];
  body?: object;
  headers?: Record<string, string>;
  /** Undoes what an answer did, so that the next who asks finds the same. */
  restore?: () => Promise<void>;
}
export interface MatrixList<T> {
  /** `customers`. */
  path: string;
  roles: readonly Role[];
  /** What tells which thing an item is. */
  idOf: (item: Record<string, unknown>) => unknown;
  idOfThing: (thing: T) => unknown;
  counts: boolean;
  /** Queries that ask for that thing alone: `accountNo=1`. */
  searches?: (thing: T) => string[];
}
/** A route about no thing: only the role counts, and whether all of the partner is needed. */
export interface MatrixSurface {
  route: string;
  roles: readonly Role[];
  needsWholePartner?: boolean;
}
export interface AccessMatrix<T> {
  things: Things<T>;
  /** Words that tell of a thing: no caller who may not see it may ever read one. */
  wordsOf: (thing: T) => string[];
  /** Who asks by that role from the brand in the middle; an end user has the account of `own`. */
  callerOf: (role: Role) => Partial<Identity>;
  ask: (
    who: Partial<Identity>,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<MatrixAnswer>;
  openapi: () => Promise<{ paths: Record<string, object> }>;
  /** Routes of the document that stand in no table, with the suite that proves them. */
  elsewhere?: Record<string, string>;
}
export interface MatrixTables<T> {
  ones: MatrixRoute<T>[];
  lists: MatrixList<T>[];
  surfaces?: MatrixSurface[];
}

/** Everybody at everything: each route by each role for a thing in each relation, against one policy. */
export function accessMatrix<T>(tables: MatrixTables<T>, matrix: () => AccessMatrix<T>): void {
  const { ones, lists, surfaces = [] } = tables;
  describe('everybody at everything', () => {
    it.each(ones.map((one) => [one.route, one] as const))('%s', async (_, one) => {
      expect(await deviations(one, matrix())).toEqual([]);
    });

    it.each(ones.map((one) => [one.route, one] as const))(
      '%s answers whatever is hidden as what never was, word for word',
      async (_, one) => expect(await tellings(one, matrix())).toEqual([]),
    );

    it.each(lists.map((list) => [list.path, list] as const))(
      '%s lists, counts and finds what may be seen, and nothing else',
      async (_, list) => {
        for (const role of ROLES) await listedRightly(list, role, matrix());
      },
    );

    it.each([[surfaces]])('routes about no single thing let in the roles that may', async (all) => {
      for (const surface of all) expect(await surfaceDeviations(surface, matrix())).toEqual([]);
    });

    it('holds every route of the service, so that a new one is not forgotten', async () => {
      const { openapi, elsewhere = {} } = matrix();
      const served = Object.entries((await openapi()).paths)
        .filter(([path]) => path.startsWith('/api/v1/'))
        .flatMap(([path, methods]) =>
          Object.keys(methods).map((each) => `${each.toUpperCase()} ${path.replace('/api/v1/', '')}`),
        );
      const known = [
        ...ones.map(({ route }) => route),
        ...lists.map(({ path }) => `GET ${path}`),
        ...surfaces.map(({ route }) => route),
        ...Object.keys(elsewhere),
      ];
      expect(served.length).toBeGreaterThan(0);
      expect(known.sort()).toEqual(served.sort());
    });
  });
}

async function askFor<T>(
  one: MatrixRoute<T>,
  { ask, callerOf, things }: AccessMatrix<T>,
  role: Role,
  relation: Relation,
): Promise<MatrixAnswer> {
  const [method = ''] = one.route.split(' ');
  const answer = await ask(callerOf(role), method, one.of(things[relation]), one.body, one.headers);
  await one.restore?.();
  return answer;
}

async function deviations<T>(one: MatrixRoute<T>, matrix: AccessMatrix<T>): Promise<string[]> {
  const wrong: string[] = [];
  for (const role of ROLES)
    for (const relation of RELATIONS) {
      const { status, body } = await askFor(one, matrix, role, relation);
      const [found, policy] = [outcomeOf(status), expected(role, one.roles, relation)];
      if (status >= 500 || status === 401 || found !== policy)
        wrong.push(`${role}, ${relation}: ${status}, ${found} and not ${policy}`);
      const told = toldOf(matrix, role, one.roles, body);
      if (told.length > 0) wrong.push(`${role}, ${relation}: tells ${told.join(', ')}`);
    }
  return wrong;
}

/** Words in an answer that tell of any thing that is hidden from who asked. */
function toldOf<T>(
  { things, wordsOf }: AccessMatrix<T>,
  role: Role,
  roles: readonly Role[],
  { instance: _instance, ...said }: Record<string, unknown>,
): string[] {
  const text = JSON.stringify(said);
  return RELATIONS.filter((relation) => expected(role, roles, relation) !== 'seen')
    .flatMap((relation) => wordsOf(things[relation]))
    .filter((word) => text.includes(word));
}

/** Status, words and headers of hidden things that differ from those of a thing that never was. */
async function tellings<T>(one: MatrixRoute<T>, matrix: AccessMatrix<T>): Promise<string[]> {
  const wrong: string[] = [];
  for (const role of one.roles) {
    const never = textOf(await askFor(one, matrix, role, 'never was'));
    for (const relation of RELATIONS) {
      if (expected(role, one.roles, relation) !== 'hidden') continue;
      const said = textOf(await askFor(one, matrix, role, relation));
      if (said !== never) wrong.push(`${role}, ${relation}: ${said}, not ${never}`);
    }
  }
  return wrong;
}

/** All but what names the request itself. */
function textOf({ status, headers, body }: MatrixAnswer): string {
  const { instance: _instance, requestId: _requestId, ...said } = body;
  const own = ['date', 'x-request-id', 'content-length', 'connection', 'keep-alive'];
  const kept = Object.entries(headers).filter(([name]) => !own.includes(name));
  return JSON.stringify({ status, said, headers: kept.sort() });
}

async function listedRightly<T>(list: MatrixList<T>, role: Role, matrix: AccessMatrix<T>): Promise<void> {
  const { ask, callerOf, things } = matrix;
  const total = list.counts ? '&total=true' : '';
  const read = (query: string) => ask(callerOf(role), 'GET', `${list.path}?${query}${total}`);
  const all = await read('limit=200');
  if (!list.roles.includes(role)) return expect([role, all.status]).toEqual([role, 403]);
  const isSeen = (relation: Relation): boolean => expected(role, list.roles, relation) === 'seen';
  const seen = RELATIONS.filter(isSeen).map((relation) => list.idOfThing(things[relation]));
  const found = all.body['items'] as Record<string, unknown>[];
  expect([role, found.map(list.idOf).sort()]).toEqual([role, [...seen].sort()]);
  if (list.counts) expect([role, all.body['total']]).toEqual([role, seen.length]);
  expect([role, toldOf(matrix, role, list.roles, all.body)]).toEqual([role, []]);
  for (const relation of RELATIONS.filter((each) => !isSeen(each))) {
    for (const search of list.searches?.(things[relation]) ?? []) {
      const { body } = await read(search);
      expect([role, relation, body['items']]).toEqual([role, relation, []]);
      if (list.counts) expect([role, relation, body['total']]).toEqual([role, relation, 0]);
    }
  }
}

async function surfaceDeviations<T>(
  { route, roles, needsWholePartner = false }: MatrixSurface,
  { ask, callerOf }: AccessMatrix<T>,
): Promise<string[]> {
  const [method = '', path = ''] = route.split(' ');
  const wrong: string[] = [];
  for (const role of ROLES)
    for (const brandId of [null, callerOf(role).brandId ?? null]) {
      const who = { ...callerOf(role), brandId };
      // A body that no route takes: who may is told so by 4xx, and nothing is changed.
      const { status } = await ask(who, method, path, method === 'GET' ? undefined : { nothing: 'of this' });
      const isPart = brandId !== null || role === 'power-user';
      const mayPass = roles.includes(role) && !(needsWholePartner && isPart);
      if (status === 401 || status >= 500 || (status !== 403) !== mayPass)
        wrong.push(`${route} as ${role}${brandId === null ? '' : ' of a brand'}: ${status}`);
    }
  return wrong;
}
