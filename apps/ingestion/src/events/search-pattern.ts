import type { TextOperator } from '@backhaul/domain';

/** A comparison of text as PostgreSQL's ILIKE understands it. */
export interface Pattern {
  pattern: string;
  isNegated: boolean;
}

/** Only `*` and `?` mean something in a term (F22); `%`, `_` and the backslash stand for themselves. */
export function patternOf(operator: TextOperator, term: string): Pattern {
  const literal = escaped(term);
  switch (operator) {
    case 'equals':
      return { pattern: literal, isNegated: false };
    case 'notEquals':
      return { pattern: literal, isNegated: true };
    case 'startsWith':
      return { pattern: `${literal}%`, isNegated: false };
    case 'contains':
      return { pattern: `%${literal}%`, isNegated: false };
    case 'like':
      return { pattern: literal.replace(/[*?]+/g, wildcards), isNegated: false };
  }
}

/** What a quick search looks for: anywhere in the text, or exactly as its wildcards say. */
export const quickPatternOf = (term: string): string =>
  patternOf(/[*?]/.test(term) ? 'like' : 'contains', term).pattern;

/** Whether nothing at all, or an empty text, matches. */
export const matchesEmpty = ({ pattern, isNegated }: Pattern): boolean => /^%*$/.test(pattern) !== isNegated;

const escaped = (term: string): string => term.replace(/[\\%_]/g, '\\$&');

/** A run of wildcards says how many characters at least, and whether there may be more: one `%` each is enough. */
function wildcards(run: string): string {
  return '_'.repeat(run.replaceAll('*', '').length) + (run.includes('*') ? '%' : '');
}
