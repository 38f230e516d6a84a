import { randomBytes } from 'node:crypto';

export type MarkKind = 'secret' | 'personal';

/** A word that stands nowhere else in the world, put where a secret or something personal belongs. */
export interface Mark {
  kind: MarkKind;
  /** Which field it went into. */
  field: string;
  text: string;
}

/** Letters and digits alone: no encoding of URLs or JSON changes it. */
export class Marks {
  readonly all: Mark[] = [];

  secret(field: string): string {
    return this.add('secret', field, `Mk7s${randomBytes(6).toString('hex')}`);
  }

  personal(field: string): string {
    return this.add('personal', field, `Mk7p${randomBytes(6).toString('hex')}`);
  }

  /** What the system made and showed once. */
  shown(field: string, text: unknown): string {
    if (typeof text !== 'string' || text.length < 8) throw new Error(`No ${field} was shown`);
    return this.add('secret', field, text);
  }

  private add(kind: MarkKind, field: string, text: string): string {
    this.all.push({ kind, field, text });
    return text;
  }
}

/** The word itself, and what is left of it in base64 wherever it begins. */
export function spellings(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const whole = Buffer.from('x'.repeat(offset) + text).toString('base64');
    // The first and last characters also hold bits of what stands beside it.
    return whole.slice(offset === 0 ? 0 : 4, -4);
  });
  return [text, ...encoded.filter((part) => part.length >= 8)];
}

/** A place where something was found: `log gateway`, `topic accounts.accounts.v1`, `answer GET accounts`. */
export interface Place {
  name: string;
  text: string;
}

/** Marks by the places that hold them: `contact (personal): topic accounts.accounts.v1`. */
export function sightings(marks: readonly Mark[], places: readonly Place[]): string[] {
  const seen = new Set<string>();
  for (const { kind, field, text } of marks)
    for (const place of places)
      if (spellings(text).some((spelling) => place.text.includes(spelling)))
        seen.add(`${field} (${kind}): ${place.name}`);
  return [...seen].sort();
}
