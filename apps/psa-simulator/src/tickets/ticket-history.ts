import type { Actor, SimChange, SimTicket, TicketChange } from './ticket.js';

const WATCHED = [
  'summary',
  'companyId',
  'boardId',
  'statusId',
  'priorityId',
  'marker',
  'mergedInto',
  'parentId',
  'isProject',
] as const;
/** The first entry, and the newest up to this number. */
const KEPT = 200;

/** The ticket with one entry more in its history, where something changed that people look at. */
export function withHistory(before: SimTicket | undefined, after: SimTicket, actor: Actor): SimTicket {
  const changes = before === undefined ? [{ field: 'created' as const }] : changesOf(before, after);
  if (changes.length === 0) return { ...after, history: before?.history ?? [] };
  const entry: SimChange = { at: after.updatedAt, actor, changes };
  const [first, ...rest] = before?.history ?? [];
  return {
    ...after,
    history: first === undefined ? [entry] : [first, ...rest.slice(2 - KEPT), entry],
  };
}

function changesOf(before: SimTicket, after: SimTicket): TicketChange[] {
  const changes: TicketChange[] = WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    from: before[field] ?? null,
    to: after[field] ?? null,
  }));
  return after.notes.length > before.notes.length ? [...changes, { field: 'note' }] : changes;
}
