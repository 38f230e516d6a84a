import { describe, expect, it } from '@jest/globals';
import { assertFactorLeft, factorOwed, factorOwedAs, type Factors } from './factor-owed.js';

const person = (demand: boolean, totp = false, passkey = false): Factors => ({
  isSecondFactorRequired: demand,
  hasSecondFactor: totp,
  hasPasskey: passkey,
});
const shown = { hasShownFactor: true };
const notShown = { hasShownFactor: false };

describe('what a session owes', () => {
  it.each([
    ['nobody demands one', person(false), notShown, null],
    ['there is none', person(true), notShown, 'add'],
    ['there is none any more', person(true), shown, 'add'],
    ['a passkey was not shown', person(true, false, true), notShown, 'prove'],
    ['a passkey was shown', person(true, false, true), shown, null],
    ['an authenticator was not shown', person(true, true), notShown, 'prove'],
    ['an authenticator was shown', person(true, true), shown, null],
  ] as const)('%s', (_, who, session, owed) => {
    expect(factorOwed(who, session)).toBe(owed);
  });

  it.each([
    ['neither brand demands one', false, false, notShown, null],
    ['that of the other does', false, true, notShown, 'add'],
    ['the own does', true, false, notShown, 'add'],
  ] as const)('as somebody else, where %s', (_, own, others, session, owed) => {
    expect(factorOwedAs(person(others, true, true), person(own), session)).toBe(owed);
  });

  it('as somebody else, is paid by the own factor and not by the other’s', () => {
    expect(factorOwedAs(person(true), person(false, true), shown)).toBeNull();
    expect(factorOwedAs(person(true, true), person(false, true), notShown)).toBe('prove');
  });
});

it('the last factor stays where one is demanded', () => {
  for (const who of [person(false), person(true, true), person(true, false, true)])
    expect(() => assertFactorLeft(who)).not.toThrow();
  expect(() => assertFactorLeft(person(true))).toThrow('this is the last');
});
