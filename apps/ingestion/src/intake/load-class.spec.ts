import { describe, expect, it } from '@jest/globals';
import { emptyJobResult, type Severity } from '@backhaul/domain';
import { type LoadClass, Problem } from '@backhaul/http';
import type { AccountDirectory } from '../accounts/account-directory.js';
import type { Draft } from './event-draft.js';
import { Intake } from './intake.js';
import { loadClassOf, loadClassOfPing } from './load-class.js';

type Outcome = ReturnType<typeof emptyJobResult>['outcome'];
const resultOf = (phase: Outcome['phase'], status: Outcome['status'], severity: Severity) => {
  const result = emptyJobResult();
  return { ...result, outcome: { ...result.outcome, phase, status, severity } };
};

describe('the class of a report', () => {
  it.each<[Outcome['phase'], Outcome['status'], Severity, LoadClass]>([
    ['finished', 'success', 'OK', 'success'],
    ['finished', 'success_with_warnings', 'WARNING', 'failure'],
    ['finished', 'failed', 'ERROR', 'failure'],
    ['finished', 'unknown', 'OK', 'failure'],
    ['started', 'unknown', 'OK', 'heartbeat'],
    ['progress', 'unknown', 'OK', 'heartbeat'],
    ['observed', 'unknown', 'WARNING', 'failure'],
  ])('%s, %s, %s is %s', (phase, status, severity, what) =>
    expect(loadClassOf(resultOf(phase, status, severity))).toBe(what),
  );

  it.each<[string | undefined, LoadClass]>([
    [undefined, 'success'],
    ['0', 'success'],
    ['start', 'heartbeat'],
    ['log', 'heartbeat'],
    ['fail', 'failure'],
    ['137', 'failure'],
    ['whatever', 'failure'],
  ])('a ping with %s is %s', (signal, what) => expect(loadClassOfPing(signal)).toBe(what));
});

describe('the way in', () => {
  it('refuses what is sent away before it asks whose it is, and stores the rest', async () => {
    const asked: string[] = [];
    const directory = { resolve: async () => void asked.push('whose') } as unknown as AccountDirectory;
    const load = {
      admit: (what: LoadClass) => {
        if (what !== 'failure') throw Problem.tooBusy(10, 'Later.');
      },
    };
    const intake = new Intake(directory, { add: () => Promise.reject(new Error('stored')) }, load);
    const store = (draft: object) => intake.store(draft as Draft, {} as never);
    await expect(store({ result: resultOf('finished', 'success', 'OK') })).rejects.toMatchObject({
      status: 503,
    });
    expect(asked).toEqual([]);
    await expect(store({ result: resultOf('finished', 'failed', 'ERROR') })).rejects.not.toMatchObject({
      status: 503,
    });
    expect(asked).toEqual(['whose']);
  });
});
