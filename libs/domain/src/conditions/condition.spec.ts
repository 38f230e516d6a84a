import { describe, expect, test } from '@jest/globals';
import { type Condition, ConditionFacts, type ConditionField, conditionRefusal, meets, type Operator, termOf } from './condition.js'; // prettier-ignore

const FACTS = new ConditionFacts({
  accountNo: '80202028', severity: 'ERROR', job: null, message: 'Disk full', receivedAt: '2026-11-20T02:00:00.000Z',
}); // prettier-ignore

describe('conditions on an event', () => {
  test.each<[ConditionField, Operator, string, boolean]>([
    ['severity', 'equals', 'error', true],
    ['message', 'like', '?*', true],
    ['job', 'like', '?*', false],
    ['job', 'equals', '', true],
    ['job', 'notEquals', 'x', true],
    ['accountNo', 'startsWith', '802', true],
    ['receivedAt', 'after', '2026-11-20T01:59:59.999Z', true],
    ['receivedAt', 'after', '2026-11-20T02:00:00.000Z', false],
    ['receivedAt', 'before', '2026-11-20T02:00:00.000Z', false],
    ['receivedAt', 'before', '2026-11-20', false],
    ['receivedAt', 'before', '2026-11-21', true],
    // Not there at all: nothing holds of it.
    ['hostName', 'notEquals', 'x', false],
    ['hostName', 'like', '*', false],
    ['custId', 'equals', '', false],
  ])('%s %s %p: %p', (field, operator, term, expected) => {
    expect(meets([{ field, operator, term }], FACTS)).toBe(expected);
  });

  test('all have to hold; none hold by themselves', () => {
    const one: Condition = { field: 'severity', operator: 'equals', term: 'ERROR' };
    expect(meets([], FACTS)).toBe(true);
    expect(meets([one, one], FACTS)).toBe(true);
    expect(meets([one, { ...one, operator: 'notEquals' }], FACTS)).toBe(false);
  });

  test('what cannot be is said of the term or of the operator', () => {
    expect(conditionRefusal('message', 'before', '2026-11-20')?.of).toBe('operator');
    expect(conditionRefusal('receivedAt', 'after', 'now')?.of).toBe('term');
    expect(conditionRefusal('receivedAt', 'equals', '2026-13-41')?.of).toBe('term');
    expect(conditionRefusal('accountNo', 'equals', 'abc')?.of).toBe('term');
    expect(conditionRefusal('accountNo', 'contains', 'abc')).toBeNull();
  });

  test('a term is kept as its field is written', () => {
    expect(termOf('accountNo', 'equals', '007')).toBe('7');
    expect(termOf('accountNo', 'startsWith', '007')).toBe('007');
    expect(termOf('receivedAt', 'after', '2026-11-20T02:00+02:00')).toBe('2026-11-20T00:00:00.000Z');
    expect(termOf('receivedAt', 'contains', '2026')).toBe('2026');
    expect(termOf('message', 'equals', '007')).toBe('007');
  });
});
