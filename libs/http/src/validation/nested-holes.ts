import type { ProblemError } from '../problems/problem.js';
import { type BodyClass, nestedClassOf, rulesByProperty } from './class-schema.js';
import { isMissing, pointerTo } from './validation-errors.js';

/** `@ValidateNested()` alone accepts a missing object and `[[]]` for an array of objects; this does not. */
export function missingNested(
  Class: BodyClass,
  body: Record<string, unknown>,
  path: string[] = [],
): ProblemError[] {
  return [...rulesByProperty(Class)].flatMap(([name, rules]) => {
    const nested = rules.find((rule) => rule.type === 'nestedValidation');
    const Nested = nested && nestedClassOf(Class, name);
    if (!nested || !Nested) return [];
    const here = [...path, name];
    const value = body[name];
    if (value === undefined) {
      const mayBeAbsent = rules.some((rule) => rule.type === 'conditionalValidation');
      return mayBeAbsent ? [] : [isMissing(here)];
    }
    if (!Array.isArray(value)) return isRecord(value) ? missingNested(Nested, value, here) : [];
    return value.flatMap((item, index) => {
      if (Array.isArray(item)) return [noObject([...here, String(index)])];
      return isRecord(item) ? missingNested(Nested, item, [...here, String(index)]) : [];
    });
  });
}

function noObject(path: string[]): ProblemError {
  return { pointer: pointerTo(path), detail: `${path.at(-1)} must be an object`, rule: 'isObject' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
