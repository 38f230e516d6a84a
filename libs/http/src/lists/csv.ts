export const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8; header=present';

type Cell = string | number | null;

/** What a spreadsheet would take for a formula, or skip to find one behind it. */
const FORMULA = /^[=+\-@\t\r\0]/;

/** One record as RFC 4180 words it, its line end included. Text that reads as a formula gets an apostrophe in front. */
export const csvRecord = (cells: readonly Cell[]): string => `${cells.map(cellOf).join(',')}\r\n`;

function cellOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `Content-Disposition` of RFC 6266; the name in ASCII, and beside it whole where it is not. */
export function attachment(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(fileName).replace(/['()*]/g, percentEncoded);
  return `attachment; filename="${ascii}"${ascii === fileName ? '' : `; filename*=UTF-8''${whole}`}`;
}

const percentEncoded = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
