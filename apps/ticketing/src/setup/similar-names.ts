export interface Named<Id> {
  id: Id;
  name: string;
}

export interface Match<Left, Right> {
  left: Left;
  right: Right;
  /** From 0 to 1: 1 is the same name. */
  confidence: number;
}

const LEAST = 0.6;
/** What a name ends with and nobody says. */
const LEGAL =
  /\b(?:inc|incorporated|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|kg|plc|sa|bv|pty|group)\b/g;

/** Small letters without accents, punctuation and legal forms. */
export function plainName(name: string): string {
  const bare = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  const short = bare.replace(LEGAL, ' ').replace(/\s+/g, ' ').trim();
  return short === '' ? bare : short;
}

/**
 * Which names mean the same, the surest pair first; no side is in two pairs. Two pairs that are equally sure for one of
 * them are none: a person has to say.
 */
export function similarNames<L, R>(
  left: readonly Named<L>[],
  right: readonly Named<R>[],
): Match<Named<L>, Named<R>>[] {
  const index = new NameIndex(right);
  const all = left.flatMap((one) => index.like(one).map((match) => ({ left: one, ...match })));
  const ofLeft = grouped(all, (match) => match.left);
  const ofRight = grouped(all, (match) => match.right);
  const taken = new Set<unknown>();
  const best: Match<Named<L>, Named<R>>[] = [];
  for (const match of all.toSorted((a, b) => b.confidence - a.confidence)) {
    if (taken.has(match.left) || taken.has(match.right)) continue;
    const rivals = [...(ofLeft.get(match.left) ?? []), ...(ofRight.get(match.right) ?? [])].filter(
      (other) =>
        other !== match &&
        other.confidence === match.confidence &&
        !taken.has(other.left) &&
        !taken.has(other.right),
    );
    for (const one of [match, ...rivals]) taken.add(one.left).add(one.right);
    if (rivals.length === 0) best.push(match);
  }
  return best;
}

function grouped<K, T>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

/** A word that so many names share says nothing of one. */
const TOO_COMMON = 50;

/** Names by their words and how these begin, so that only names are compared that may be alike. */
class NameIndex<T> {
  private readonly byToken = new Map<string, { row: Named<T>; pairs: Set<string> }[]>();

  constructor(rows: readonly Named<T>[]) {
    for (const row of rows) {
      const plain = plainName(row.name);
      const entry = { row, pairs: pairsOf(plain) };
      for (const token of tokensOf(plain)) {
        const entries = this.byToken.get(token);
        if (entries) entries.push(entry);
        else this.byToken.set(token, [entry]);
      }
    }
  }

  like({ name }: Named<unknown>): { right: Named<T>; confidence: number }[] {
    const plain = plainName(name);
    const pairs = pairsOf(plain);
    const lists = [...tokensOf(plain)].map((token) => this.byToken.get(token) ?? []);
    const candidates = new Set(lists.filter(({ length }) => length <= TOO_COMMON).flat());
    return [...candidates]
      .map(({ row, pairs: others }) => ({
        right: row,
        confidence: confidenceOf(name, row.name, pairs, others),
      }))
      .filter(({ confidence }) => confidence >= LEAST);
  }
}

/** 1 for the same name, else Dice's coefficient over pairs of letters, 0.95 at most. */
function confidenceOf(a: string, b: string, ofA: ReadonlySet<string>, ofB: ReadonlySet<string>): number {
  if (a.trim().toLowerCase() === b.trim().toLowerCase()) return 1;
  const shared = [...ofA].filter((pair) => ofB.has(pair)).length;
  return Math.round(Math.min(0.95, (2 * shared) / (ofA.size + ofB.size)) * 100) / 100;
}

function tokensOf(plain: string): Set<string> {
  const words = plain.split(' ');
  return new Set([plain, ...words, ...words.map((word) => `${word.slice(0, 4)}*`)]);
}

/** With the borders of words, so that beginnings count. */
function pairsOf(name: string): Set<string> {
  const text = ` ${name} `;
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
}
