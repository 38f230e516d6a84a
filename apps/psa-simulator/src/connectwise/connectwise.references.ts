import type { Member } from '../users/member.js';
import { fieldError, invalidObject } from './connectwise.answers.js';
import { AGREEMENTS, SOURCES, TEAMS, TYPES } from './connectwise.data.js';

export type Fields = Record<string, unknown>;

interface Row {
  id: number;
  name: string;
  identifier?: string;
}

/** `{ id }`, `{ name }` or `{ identifier }`; an id wins. Null for none. @throws Refusal `NotFound` */
export function referenced<T extends Row>(
  reference: unknown,
  rows: T[],
  field: string,
  entity = 'ticket',
): T | null {
  if (isBlank(reference)) return null;
  const { id, name, identifier } = (typeof reference === 'object' ? reference : {}) as Fields;
  const found = rows.find((row) =>
    id !== undefined
      ? row.id === id
      : name !== undefined
        ? same(row.name, name)
        : same(row.identifier, identifier),
  );
  if (found) return found;
  const wanted = id !== undefined ? 'id' : name !== undefined ? 'name' : 'identifier';
  const text = `${field} ${JSON.stringify(id ?? name ?? identifier)} not found`;
  throw invalidObject(entity, [fieldError('NotFound', text, entity, `${field}/${wanted}`)]);
}

/** References that a ticket keeps and gives back, looked up where they must be: on its board, in its company. */
export function keptReferences(
  fields: Fields,
  of: { boardId: number; companyId: number; members: Member[] },
): Fields {
  const rows: Record<string, Row[]> = {
    team: TEAMS.filter(({ boardId }) => boardId === of.boardId),
    type: TYPES.filter(({ boardId }) => boardId === of.boardId),
    source: SOURCES,
    owner: of.members.filter(({ isInactive }) => !isInactive),
    agreement: AGREEMENTS.filter(({ company }) => company.id === of.companyId),
  };
  return Object.fromEntries(
    Object.entries(rows)
      .filter(([name]) => name in fields)
      .map(([name, candidates]) => [name, shown(referenced(fields[name], candidates, name))]),
  );
}

/** The references that stand on the board, which a ticket loses when it moves. */
export const BOARD_REFERENCES = ['team', 'type'];
export const KEPT_REFERENCES = [...BOARD_REFERENCES, 'source', 'owner', 'agreement'];

export function shown(row: Row | null): Fields | null {
  if (row === null) return null;
  const { id, name, identifier } = row;
  return identifier === undefined ? { id, name } : { id, identifier, name };
}

function same(a: string | undefined, b: unknown): boolean {
  return a !== undefined && typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}

export function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
