import { Problem, type ProblemError } from '@backhaul/http';
import { lengthOf, SHORTEST_PASSWORD } from '../accounts/passwords.js';
import { isCommon } from './common-passwords.js';

/** With a second factor beside it (NIST SP 800-63B-4). */
export const SHORTEST_WITH_SECOND_FACTOR = 8;
const LONGEST = 256;
/** Shorter words would stand in a password by chance. */
const SHORTEST_CONTEXT_WORD = 4;

export interface PasswordContext {
  hasSecondFactor: boolean;
  /** What a guesser tries first: the username, the partner's name. */
  words: readonly string[];
}

/** Every rule that the password breaks. Nothing about letters, digits and signs: such rules make passwords worse. */
export function brokenRules(password: string, context: PasswordContext): ProblemError[] {
  const shortest = context.hasSecondFactor ? SHORTEST_WITH_SECOND_FACTOR : SHORTEST_PASSWORD;
  const length = lengthOf(password);
  const broken: ProblemError[] = [];
  const breaks = (rule: string, detail: string): void =>
    void broken.push({ pointer: '/password', detail, rule });
  if (length < shortest) breaks('minLength', `must have at least ${shortest} characters`);
  if (length > LONGEST) breaks('maxLength', `must have at most ${LONGEST} characters`);
  if (isCommon(password)) breaks('common', 'must not be among the passwords that are guessed first');
  if (holdsOneOf(password, context.words))
    breaks('context', 'must not contain the username or the name of the company');
  return broken;
}

/** @throws Problem 422 with every broken rule */
export function assertGoodPassword(password: string, context: PasswordContext): void {
  const broken = brokenRules(password, context);
  if (broken.length > 0) throw Problem.unprocessable('The password is too weak.', broken);
}

export const isShort = (password: string): boolean => lengthOf(password) < SHORTEST_PASSWORD;

function holdsOneOf(password: string, words: readonly string[]): boolean {
  const plain = plainOf(password);
  return words
    .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)])
    .map(plainOf)
    .some((word) => word.length >= SHORTEST_CONTEXT_WORD && plain.includes(word));
}

const plainOf = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
