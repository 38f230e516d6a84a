import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { crashPoints, eventually } from '@backhaul/testing';
import { RunningTicketing } from './testing/running.js';

jest.setTimeout(240_000);

const DEAREST = ['psa.create.after-post', 'psa.close.after-post'];
const OTHERS = [
  'fold.after-commit',
  'psa.create.before-commit',
  'relay.after-send',
  'fold.before-commit',
  'psa.create.after-mark',
  'psa.create.before-mark',
  'psa.create.before-post',
  'psa.create.after-commit',
  'psa.note.before-post',
  'psa.note.after-post',
  'psa.note.before-commit',
  'psa.close.before-post',
  'psa.close.before-commit',
  'psa.close.after-commit',
  'psa.reopen.before-post',
  'psa.reopen.after-post',
  'psa.reopen.before-commit',
];
const POINTS = crashPoints(DEAREST, OTHERS);

describe('ticketing, killed with -9', () => {
  let running: RunningTicketing;

  beforeAll(async () => {
    running = await RunningTicketing.start('connectwise');
  });
  afterAll(() => running.close());

  it.each(POINTS)(
    'at %s has one ticket all the same, and says what became of each event (P4, P9)',
    async (point) => {
      const subject = await running.subject();
      await running.service.stop();
      const doomed = await running.boot({ CRASH_AT: point });
      const reborn = doomed.exited.then(async (ending) => {
        await running.boot();
        return ending;
      });
      const opening = await running.request(subject, 'raise');
      await running.outcome(opening, 90_000);
      for (const intent of ['raise', 'resolve', 'raise', 'resolve'] as const)
        await running.outcome(await running.request(subject, intent), 90_000);
      expect(await reborn).toBe('SIGKILL');
      const [ticket, ...doubles] = await running.tickets(opening);
      expect(doubles).toEqual([]);
      expect(ticket?.isClosed).toBe(true);
      const texts = ticket?.notes.map(({ text }) => text) ?? [];
      expect(new Set(texts).size).toBe(texts.length);
      await eventually(
        async () =>
          expect(await running.leftovers()).toEqual({ outbox: 0, lanes: 0, commands: 0, doubles: 0 }),
        { timeoutMs: 30_000 },
      );
    },
  );
});
