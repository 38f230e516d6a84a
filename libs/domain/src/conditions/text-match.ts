/** How texts are compared. */
export const TEXT_OPERATORS = ['equals', 'notEquals', 'startsWith', 'contains', 'like'] as const;
export type TextOperator = (typeof TEXT_OPERATORS)[number];

// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
/** Up to here the engine's own search is bounded by what it costs to look at each place. */
const SHORT = 64;

/** Text without its case, character by character, as PostgreSQL's `lower` has it under `pg_c_utf8`: no letter becomes two. */
export const folded = (text: string): string =>
  ASCII.test(text) ? text.toLowerCase() : Array.from(text, lowerOf).join('');

function lowerOf(char: string): string {
  if (char === 'İ') return 'i';
  const lower = char.toLowerCase();
  return lower.length === char.length ? lower : char;
}

/**
 * Whether a text meets a term; both are `folded`. With `like`, `?` is exactly one character and `*` any run of them. The
 * time is bounded by the product of both lengths divided by 32, whatever the pattern.
 */
export function matchesText(operator: TextOperator, text: string, term: string): boolean {
  switch (operator) {
    case 'equals':
      return text === term;
    case 'notEquals':
      return text !== term;
    case 'startsWith':
      return text.startsWith(term);
    case 'contains':
      return term.length <= SHORT ? text.includes(term) : fits(anywhere(term), text);
    case 'like':
      return fits(wildcardsOf(term), text);
  }
}

interface Pattern {
  /** Null: any one character. */
  chars: (string | null)[];
  /** Before which of them, or after the last, any run may stand. */
  runs: Set<number>;
}

function wildcardsOf(term: string): Pattern {
  const pattern: Pattern = { chars: [], runs: new Set() };
  for (const char of term) {
    if (char === '*') pattern.runs.add(pattern.chars.length);
    else pattern.chars.push(char === '?' ? null : char);
  }
  return pattern;
}

function anywhere(term: string): Pattern {
  const chars = Array.from(term);
  return { chars, runs: new Set([0, chars.length]) };
}

/**
 * Keeps, as bits, how many characters of the pattern the text so far can have used up: all ways at once, none tried twice.
 */
function fits({ chars, runs }: Pattern, text: string): boolean {
  const width = (chars.length >>> 5) + 1;
  const { masks, rows } = masksOf(chars, width);
  const staying = new Int32Array(width);
  for (const at of runs) setBit(staying, at);
  const reached = new Int32Array(width);
  setBit(reached, 0);
  for (const char of text) {
    if (!advance(reached, masks, (rows.get(char) ?? 0) * width, staying)) return false;
    if (runs.has(chars.length) && hasBit(reached, chars.length)) return true;
  }
  return hasBit(reached, chars.length);
}

/** One row for each character of the pattern, of the places that take it; the first for all other characters. */
function masksOf(chars: Pattern['chars'], width: number): { masks: Int32Array; rows: Map<string, number> } {
  const rows = new Map<string, number>();
  for (const char of chars) if (char !== null && !rows.has(char)) rows.set(char, rows.size + 1);
  const masks = new Int32Array((rows.size + 1) * width);
  chars.forEach((char, at) => char === null && setBit(masks, at));
  for (let row = 1; row <= rows.size; row += 1) masks.copyWithin(row * width, 0, width);
  chars.forEach((char, at) => char !== null && setBit(masks, at + (rows.get(char) ?? 0) * width * 32));
  return { masks, rows };
}

/** By the row that begins there. Answers whether any way is left. */
function advance(reached: Int32Array, masks: Int32Array, row: number, staying: Int32Array): boolean {
  let [carried, left] = [0, 0];
  for (let word = 0; word < reached.length; word += 1) {
    const at = reached[word] as number;
    const moved = at & (masks[row + word] as number);
    const next = (moved << 1) | carried | (at & (staying[word] as number));
    carried = moved >>> 31;
    reached[word] = next;
    left |= next;
  }
  return left !== 0;
}

function setBit(words: Int32Array, at: number): void {
  words[at >>> 5] = (words[at >>> 5] ?? 0) | (1 << (at & 31));
}

const hasBit = (words: Int32Array, at: number): boolean => (((words[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1;
