import { describe, expect, it } from '@jest/globals';
import { buildEvent, buildTicketRequest, eventually, FixedClock, freePort } from './index.js';

describe('eventually', () => {
  it('repeats until the check holds, and answers what it answered', async () => {
    let tries = 0;
    const check = () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
      return tries < 5 ? false : 'done';
    };
    expect(await eventually(check, { intervalMs: 1 })).toBe('done');
    expect(tries).toBe(5);
  });

  it('gives up with the last complaint', async () => {
    const check = () => {
      throw new Error('never');
    };
    await expect(eventually(check, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow('never');
    await expect(eventually(() => false, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow(/Still false/);
  });

  it('gives up on a check that does not come back', async () => {
    const hanging = () => new Promise<boolean>(() => undefined);
    await expect(eventually(hanging, { timeoutMs: 50, intervalMs: 1 })).rejects.toThrow(/did not come back/);
  });

  it('gives up with what the check said before it hung', async () => {
    let tries = 0;
    const check = () => {
      tries += 1;
      if (tries < 2) throw new Error('no such ticket');
      return new Promise<boolean>(() => undefined);
    };
    await expect(eventually(check, { timeoutMs: 50, intervalMs: 1 })).rejects.toThrow('no such ticket');
  });
});

describe('what tests are made of', () => {
  it('a clock that a test moves', () => {
    const clock = new FixedClock('2026-11-21T12:00:00.000Z');
    clock.advance(1500);
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual(['2026-11-21T12:00:01.500Z', 1500]);
    clock.set('2020-01-01T00:00:00.000Z');
    expect([clock.now().getUTCFullYear(), clock.monotonicMs()]).toEqual([2020, 1500]);
  });

  it('builders that merge what is given, deeply', () => {
    const event = buildEvent({ job: { jobName: 'Weekly' }, outcome: { status: 'failed' } });
    expect(event.job).toMatchObject({ jobName: 'Weekly', nativeJobId: 'DB-2' });
    expect(event.outcome).toMatchObject({ status: 'failed', phase: 'finished' });
    expect(buildEvent().eventId).not.toBe(event.eventId);
    expect(buildTicketRequest({ subject: { message: null } }).subject).toMatchObject({
      message: null,
      agent: 'duplicati',
    });
  });

  it('ports that are free and differ', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
  });
});
