import { Param, type PipeTransform } from '@nestjs/common';
import { Problem } from '../problems/problem.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** A path segment that is a UUID, in lower case; 400 otherwise. */
export const UuidParam = (name: string): ParameterDecorator =>
  Param(
    name,
    new CheckedParam(name, (text) => (UUID.test(text) ? text.toLowerCase() : null), 'isUuid', 'a UUID', {
      type: 'string',
      format: 'uuid',
    }),
  );

/** A path segment that is a whole number from 1 to 2^53 - 1, such as a Cust. ID; 400 otherwise. */
export const NumberParam = (name: string): ParameterDecorator =>
  Param(
    name,
    new CheckedParam(name, wholeNumber, 'isInt', 'a whole number', {
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
  );

function wholeNumber(text: string): number | null {
  const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** A path segment with its rule, and the rule as documents word it. */
export class CheckedParam implements PipeTransform<string> {
  constructor(
    private readonly name: string,
    private readonly read: (text: string) => string | number | null,
    private readonly rule: string,
    private readonly expected: string,
    readonly schema: Readonly<Record<string, string | number>>,
  ) {}

  transform(text: string): string | number {
    const value = this.read(text);
    if (value !== null) return value;
    const detail = `must be ${this.expected}`;
    throw Problem.badRequest([{ pointer: `/${this.name}`, detail, rule: this.rule }]);
  }
}
