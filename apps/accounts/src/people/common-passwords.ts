import { dictionary } from '@zxcvbn-ts/language-common';

/** The most used passwords of known breaches (30,000, MIT), in small letters. */
const COMMON: ReadonlySet<string> = new Set(dictionary['passwords-common']);
const LONGEST_UNIT = 16;

/** Known to guessers, also when only repeated, counted up or with digits and signs at its end. */
export function isCommon(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  const unit = unitOf(text);
  const stem = text.replace(/[\d\W_]+$/u, '');
  return COMMON.has(text) || COMMON.has(stem) || (unit !== null && isWeakUnit(unit)) || isRun(text);
}

const isWeakUnit = (unit: string): boolean => unit.length <= 4 || COMMON.has(unit) || isRun(unit);

/** The shortest text whose repetition this is, such as `abc` of `abcabcab`. */
function unitOf(text: string): string | null {
  for (let length = 1; length <= Math.min(LONGEST_UNIT, text.length / 2); length += 1) {
    const unit = text.slice(0, length);
    if (text === unit.repeat(Math.ceil(text.length / length)).slice(0, text.length)) return unit;
  }
  return null;
}

/** One step up or down from each character to the next, such as `fedcba` or `67890123`. */
function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, i) => code - (codes[i] ?? 0));
  const isStep = (step: number, by: number): boolean => step === by || step === -9 * by;
  return steps.length > 2 && [1, -1].some((by) => steps.every((step) => isStep(step, by)));
}
