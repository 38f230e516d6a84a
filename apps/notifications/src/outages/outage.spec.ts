import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Ready, settle, type Standing } from './outage.js';

const MINUTE = 60_000;
const OPTION = { accounts: 3, withinMinutes: 10 };
const STANDING: Standing = { provider: 'connectwise', accountNo: 1, ruleName: 'Tickets', eventId: 'e' };

interface Named extends Ready {
  name: string;
}

/** `1@5` is a problem of account 1 since minute 5; `!` has waited long enough, `=` is told of already, `a` is of Autotask. */
function problem(text: string): Named {
  const [, accountNo, since, marks = ''] = /^(\d+)@(\d+)(.*)$/.exec(text) ?? [];
  return {
    name: text,
    accountNo: Number(accountNo),
    sinceMs: Number(since) * MINUTE,
    untilMs: marks.includes('!') ? 0 : null,
    isMember: marks.includes('='),
    provider: marks.includes('a') ? 'autotask' : 'connectwise',
  };
}
const NOW = 20 * MINUTE;
const names = (all: readonly { name: string }[]): string => all.map(({ name }) => name).join(' ');
function decided(standing: Standing | null, problems: string, option: typeof OPTION | null = OPTION) {
  const { join, own, wait } = settle(standing, problems.split(' ').map(problem), option, NOW);
  return [names(join), names(own), names(wait.map(({ one }) => one))];
}

describe('what becomes of a customer’s problems', () => {
  it.each<[string, string, [join: string, own: string, wait: string]]>([
    ['nobody has waited long enough', '1@1 2@2 3@3', ['', '', '1@1 2@2 3@3']],
    ['enough accounts', '1@1! 2@2 3@3', ['1@1! 2@2 3@3', '', '']],
    ['too few', '1@1! 2@2', ['', '1@1!', '2@2']],
    ['many problems of too few accounts', '1@1! 1@2 2@2 2@3', ['', '1@1!', '1@2 2@2 2@3']],
    ['just near enough to each other', '1@1! 2@5 3@11', ['1@1! 2@5 3@11', '', '']],
    ['too far from each other', '1@1! 2@5 3@12', ['', '1@1!', '2@5 3@12']],
    ['a crowd in which none has waited long enough', '1@1! 2@12 3@13 4@14', ['', '1@1!', '2@12 3@13 4@14']],
    ['a crowd, and one long before it', '9@1! 1@12! 2@13 3@14', ['9@1! 1@12! 2@13 3@14', '', '']],
    ['those of the other PSA for themselves', '1@1! 2@2 3@3 4@4a! 5@5a', ['1@1! 2@2 3@3', '4@4a!', '5@5a']],
  ])('%s', (_what, problems, expected) => expect(decided(null, problems)).toEqual(expected)); // prettier-ignore

  it('is told on the ticket of an outage that stands, at once', () => {
    expect(decided(STANDING, '1@1= 2@2 3@3!')).toEqual(['1@1= 2@2 3@3!', '', '']);
    expect(decided(STANDING, '1@1= 2@2a')).toEqual(['1@1=', '2@2a', '']);
  });

  it('is a ticket each once the rule wants no other, but for what the outage’s tells of already', () => {
    expect(decided(null, '1@1! 2@2 3@3', null)).toEqual(['', '1@1! 2@2 3@3', '']);
    expect(decided(STANDING, '1@1= 2@2 3@3!', null)).toEqual(['1@1=', '2@2 3@3!', '']);
  });

  it('waits from the first look, and no longer when it is looked at again', () => {
    const [first] = settle(null, [problem('1@1')], OPTION, NOW).wait;
    expect(first?.untilMs).toBe(NOW + 10 * MINUTE);
    const again = { ...problem('1@1'), untilMs: NOW + 1 };
    expect(settle(null, [again], OPTION, NOW).wait[0]?.untilMs).toBe(NOW + 1);
    expect(settle(null, [again], OPTION, NOW + 1).own).toHaveLength(1);
  });

  it('finds a crowd exactly where trying all of them finds one (model)', () => {
    const some = fc.record({ accountNo: fc.nat(4), since: fc.nat(30), isDue: fc.boolean() });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 12 }), fc.integer({ min: 2, max: 4 }), (all, accounts) => {
        const ready = all.map(({ accountNo, since, isDue }, at) => ({
          ...problem(`${accountNo}@${since}${isDue ? '!' : ''}`),
          name: String(at),
        }));
        const isCrowd = all.some(({ since: from }) => {
          const near = all.filter(({ since }) => since >= from && since <= from + 10);
          return (
            near.some(({ isDue }) => isDue) && new Set(near.map((one) => one.accountNo)).size >= accounts
          );
        });
        const { join, own, wait } = settle(null, ready, { accounts, withinMinutes: 10 }, NOW);
        expect([join.length, own.length + wait.length]).toEqual(isCrowd ? [all.length, 0] : [0, all.length]);
        if (!isCrowd) expect(own.every(({ untilMs }) => untilMs === 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
