import type { Found, Snapshot } from './snapshots.js';
import { countOf, durationMsOf, endOf, entryOf, foundIn, snapshotAt, timeOf } from './text-report.js';

const ROW = '<tr class="snapshotstatus-';

/** The default html: a row of figures for each snapshot, and rows below it that tell what failed. */
export function readHtml(html: string, subject: string | null): Found {
  const snapshots: Snapshot[] = [];
  for (const row of html.split(ROW).slice(1)) {
    const last = snapshots.at(-1);
    if (!/<td colspan/.test(row.slice(0, 200))) snapshots.push(snapshotIn(row));
    else if (last) readDetails(row, last);
  }
  const found = foundIn(subject, html, snapshots);
  if (snapshots.length === 0 && found.kind !== 'test' && /encountered an error/i.test(subject ?? ''))
    found.error = { operation: null, startedAt: null, endedAt: found.eventTime, message: subject };
  return found;
}

function snapshotIn(row: string): Snapshot {
  const cells = row.split('<td>').slice(1).map(plain);
  const snapshot = snapshotAt(cells[0] || null);
  snapshot.nativeStatus = row.slice(0, row.indexOf('"')).replace(/^error$/, 'warnings') || null;
  snapshot.startedAt = timeOf(cells[1] ?? '');
  snapshot.durationMs = durationMsOf(cells[2] ?? '');
  snapshot.endedAt = endOf(snapshot);
  snapshot.files = countOf(cells[4] ?? '');
  snapshot.dirs = countOf(cells[5] ?? '');
  return snapshot;
}

function readDetails(row: string, snapshot: Snapshot): void {
  const entries = row.split('<li>').slice(1);
  if (entries.length > 0) {
    snapshot.failedEntries.push(...entries.map((entry) => entryOf(plain(entry))));
    snapshot.filesFailed = new Set(snapshot.failedEntries.map(({ path }) => path)).size;
  } else if (row.includes('Error:')) snapshot.error = plain(row.slice(row.indexOf('</b>') + 4)) || null;
}

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#34': '"',
  '#39': "'",
  nbsp: ' ',
};

/** The text up to the end of the cell or item. */
function plain(html: string): string {
  const end = html.search(/<\/(?:td|li)>/);
  const text = (end < 0 ? html : html.slice(0, end)).replace(/<[^<>]{0,500}>/g, '');
  return text
    .replace(/&(#?\w{1,8});/g, (whole, name: string) => ENTITIES[name] ?? numeric(name) ?? whole)
    .trim();
}

function numeric(name: string): string | null {
  const code = /^#x[0-9a-f]+$/i.test(name)
    ? Number.parseInt(name.slice(2), 16)
    : /^#\d+$/.test(name)
      ? Number(name.slice(1))
      : NaN;
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
