import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keepDateNowSteady } from '@backhaul/domain';

const HALF_A_DAY_MS = 12 * 3_600_000;
const load = createRequire(import.meta.url);

interface Member {
  memberId: string;
  coordinator: object;
  heartbeat(how: { interval: number }): Promise<void>;
}
const ConsumerGroup = load('kafkajs/src/consumer/consumerGroup') as new (options: object) => Member;

describe('a member of a consumer group whose machine is put back by twelve hours', () => {
  const { now } = Date;
  let shiftMs: number;
  beforeEach(() => {
    shiftMs = 0;
    Date.now = () => now() + shiftMs;
  });
  afterEach(() => {
    Date.now = now;
  });

  /** How many heartbeats it sends of those that are due from then on. */
  async function beatsOf(due: number): Promise<number> {
    let beats = 0;
    const member = new ConsumerGroup({
      logger: { namespace: () => ({}) },
      instrumentationEmitter: { emit: () => undefined },
    });
    member.memberId = 'it joined';
    member.coordinator = { heartbeat: async () => void (beats += 1) };
    shiftMs = -HALF_A_DAY_MS;
    for (let n = 0; n < due; n += 1) await member.heartbeat({ interval: 0 });
    return beats;
  }

  it('falls silent where kafkajs goes by the clock of the machine', async () => {
    expect(await beatsOf(3)).toBe(0);
  });

  it('goes on as a service runs it', async () => {
    keepDateNowSteady();
    expect(await beatsOf(3)).toBe(3);
  });
});
