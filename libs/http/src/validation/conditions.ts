import { conditionRefusal, isTerm, LONGEST_TERM, type Operator } from '@backhaul/domain';
import { ValidateBy } from 'class-validator';
import { Problem } from '../problems/problem.js';

/** What a field is compared with: a whole number, or a text. */
export const IsTerm = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTerm',
    validator: {
      validate: isTerm,
      defaultMessage: () => `term must be a whole number or a text of at most ${LONGEST_TERM} characters`,
    },
  });

/** For `@ApiProperty`. */
export const TERM_SCHEMA = { oneOf: [{ type: 'string', maxLength: LONGEST_TERM }, { type: 'integer' }] };

/**
 * @param at where the condition stands, such as `/all/0`
 * @throws Problem 400 for a term that is no number or time where one belongs, 422 for an operator that the field has not
 */
export function assertCondition(field: string, operator: Operator, term: string, at: string): void {
  const refusal = conditionRefusal(field, operator, term);
  if (refusal === null) return;
  const { of, detail, rule } = refusal;
  const errors = [{ pointer: `${at}/${of}`, detail, rule }];
  throw of === 'term'
    ? Problem.badRequest(errors)
    : Problem.unprocessable('An operator does not fit its field.', errors);
}
