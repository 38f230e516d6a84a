import type { Journal, Kept, Line } from '../journal/journal.js';
import { SUMMARIES, type ReportRow } from './connectwise.data.js';

type ReportLine =
  | { kind: 'reports'; rows: ReportRow[]; next: number }
  | { kind: 'report'; row: ReportRow }
  | { kind: 'report-deleted'; id: number };

const DEMO = structuredClone(SUMMARIES);

/** Entries of the Management report, in the catalogue's own list and in the journal. */
export class ReportStore implements Kept {
  private next = 0;

  constructor(private readonly journal: Journal) {
    this.begin(DEMO);
    journal.keep(this);
  }

  /** By id: the order in which they were made. */
  all(): ReportRow[] {
    return SUMMARIES.toSorted((a, b) => a.id - b.id);
  }

  ofCompany(companyId: number): ReportRow[] {
    return this.all().filter((row) => row.companyId === companyId);
  }

  newId(): number {
    this.next = Math.max(this.next, ...SUMMARIES.map(({ id }) => id + 1));
    return this.next++;
  }

  put(row: ReportRow): ReportRow {
    this.write({ kind: 'report', row });
    return row;
  }

  delete(id: number): void {
    this.write({ kind: 'report-deleted', id });
  }

  /** The entries that are there at first; ids go on, as a later entry is told by its id. */
  reset(): void {
    this.begin(DEMO);
    this.journal.rewrite();
  }

  lines(): ReportLine[] {
    return [{ kind: 'reports', rows: SUMMARIES, next: this.next }];
  }

  apply(line: Line | ReportLine): void {
    if (isOf('reports', line)) {
      this.begin(line.rows);
      this.next = Math.max(this.next, line.next);
    } else if (isOf('report', line)) {
      const at = SUMMARIES.findIndex(({ id }) => id === line.row.id);
      SUMMARIES.splice(at < 0 ? SUMMARIES.length : at, 1, line.row);
      this.next = Math.max(this.next, line.row.id + 1);
    } else if (isOf('report-deleted', line)) {
      this.begin(SUMMARIES.filter(({ id }) => id !== line.id));
    }
  }

  private begin(rows: ReportRow[]): void {
    SUMMARIES.splice(0, SUMMARIES.length, ...structuredClone(rows));
  }

  private write(line: ReportLine): void {
    this.journal.append(line);
    this.apply(line);
  }
}

function isOf<K extends ReportLine['kind']>(
  kind: K,
  line: Line | ReportLine,
): line is Extract<ReportLine, { kind: K }> {
  return line.kind === kind;
}
