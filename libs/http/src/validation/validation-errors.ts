import type { ValidationError } from 'class-validator';
import type { ProblemError } from '../problems/problem.js';

const RENAMED: Record<string, string> = { whitelistValidation: 'unknown', nestedValidation: 'isObject' };

/** class-validator's tree as a flat list, each with the pointer to the value that was refused. */
export function problemErrorsOf(
  errors: readonly ValidationError[],
  path: readonly string[] = [],
): ProblemError[] {
  return errors.flatMap((error) => {
    const here = error.property === undefined ? path : [...path, error.property];
    const pointer = pointerTo(here);
    const broken = Object.entries(error.constraints ?? {});
    // What is not there breaks every rule at once, in words about lengths and patterns.
    const own =
      error.value === undefined && broken.length > 0
        ? [isMissing(here)]
        : broken.map(([rule, detail]) => ({
            pointer,
            detail: rule === 'whitelistValidation' ? 'is not a known property' : detail,
            rule: RENAMED[rule] ?? rule,
          }));
    return [...own, ...problemErrorsOf(error.children ?? [], here)];
  });
}

export const isMissing = (path: readonly string[]): ProblemError => ({
  pointer: pointerTo(path),
  detail: 'is missing',
  rule: 'isDefined',
});

/** RFC 6901. */
export function pointerTo(path: readonly string[]): string {
  return path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
