import type { StatusRecord } from './connectwise.types.js';

/** The status that closes on this board: the partner's choice if it stands here, else the plainest closing one. */
export function closingStatus(
  statuses: StatusRecord[],
  preferredId: number | undefined,
): StatusRecord | null {
  const closing = usable(statuses).filter((status) => status.closedStatus === true);
  return (
    closing.find(({ id }) => id === preferredId) ??
    closing.find(({ name }) => /closed/i.test(name)) ??
    closing.find(({ name }) => /complete|resolved/i.test(name)) ??
    closing[0] ??
    null
  );
}

/** The status that a reopened ticket gets: the partner's choice if it stands here, else the board's default. */
export function openStatus(statuses: StatusRecord[], preferredId: number | undefined): StatusRecord | null {
  const open = usable(statuses).filter((status) => status.closedStatus !== true);
  return (
    open.find(({ id }) => id === preferredId) ??
    open.find((status) => status.defaultFlag === true) ??
    open[0] ??
    null
  );
}

function usable(statuses: StatusRecord[]): StatusRecord[] {
  return statuses
    .filter((status) => status.inactive !== true)
    .toSorted((a, b) => (a.sortOrder ?? 0) - (b.sortOrder ?? 0) || a.id - b.id);
}
