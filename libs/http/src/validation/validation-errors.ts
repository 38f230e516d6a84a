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
    const own = Object.entries(error.constraints ?? {}).map(([rule, detail]) => ({
      pointer: pointerTo(here),
      detail: rule === 'whitelistValidation' ? 'is not a known property' : detail,
      rule: RENAMED[rule] ?? rule,
    }));
    return [...own, ...problemErrorsOf(error.children ?? [], here)];
  });
}

/** RFC 6901. */
export function pointerTo(path: readonly string[]): string {
  return path.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
