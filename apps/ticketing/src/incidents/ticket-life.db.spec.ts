import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { type Fault, FaultyPsa } from '../testing/faulty-psa.js';
import { TestSystem } from '../testing/system.js';

jest.setTimeout(120_000);
Logger.overrideLogger(false);
let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());

/** What must be so, whatever the road: the problem's ticket is open exactly while the problem lasts. */
interface Model {
  isFailing: boolean;
  events: number;
}

class Real {
  now = 0;
  readonly psa = new FaultyPsa({ searchLagMs: 90_000, now: () => this.now });

  open(): string[] {
    return [...this.psa.fake.tickets.values()].filter(({ isClosed }) => !isClosed).map(({ id }) => id);
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      await system.drain();
      const busy = await system.query("SELECT 1 FROM lane WHERE state <> 'idle'");
      if (busy.length === 0) return;
      await this.pass(30_000);
    }
  }

  async pass(ms: number): Promise<void> {
    this.now += ms;
    await system.pass(ms);
  }
}

type Step = fc.AsyncCommand<Model, Real>;

class Happens implements Step {
  constructor(private readonly intent: 'raise' | 'resolve') {}
  check = () => true;
  toString = () => (this.intent === 'raise' ? 'BackupFailed' : 'BackupOk');
  async run(model: Model): Promise<void> {
    model.events += 1;
    model.isFailing = this.intent === 'raise';
    await system[this.intent](`event ${model.events}`);
  }
}

/** Delivered once more, though newer ones have been seen since. */
class Redelivered implements Step {
  constructor(private readonly back: number) {}
  check = (model: Readonly<Model>) => model.events > this.back;
  toString = () => `Redelivered(${this.back})`;
  async run(model: Model): Promise<void> {
    await system.raise(`event ${model.events - this.back}`);
  }
}

class Goes implements Step {
  constructor(
    private readonly name: string,
    private readonly act: (real: Real) => Promise<void> | void,
  ) {}
  check = () => true;
  toString = () => this.name;
  run = async (_model: Model, real: Real) => void (await this.act(real));
}

class Settles implements Step {
  check = () => true;
  toString = () => 'Settles';
  async run(model: Model, real: Real): Promise<void> {
    real.psa.faults.length = 0;
    await real.settle();
    expect(real.open()).toHaveLength(model.isFailing ? 1 : 0);
    const markers = [...real.psa.fake.tickets.values()].map(({ marker }) => marker);
    expect(new Set(markers).size).toBe(markers.length);
    const told = Object.values(await system.lastOutcomes());
    expect(told).toHaveLength(model.events);
    expect(told.filter((outcome) => outcome.startsWith('pending'))).toEqual([]);
  }
}

const fault = (name: string, what: Fault) => new Goes(name, ({ psa }) => void psa.faults.push(what));
/** A worker takes a lane and dies: before its call, or after it and before it wrote down the answer. */
const dies = (hasCalled: boolean) =>
  new Goes(hasCalled ? 'DiesAfterTheCall' : 'DiesBeforeTheCall', async (real) => {
    const [lease] = await system.claim(1);
    if (!lease) return;
    const head = await system.lanes.head(lease);
    if (head) await system.lanes.markSending(lease, head.commandId, system.leaseMs);
    const isNew = head?.kind === 'create' && head.status === 'planned';
    const content = { summary: '', description: '', companyId: '250', severity: 'ERROR' as const };
    if (hasCalled && isNew)
      await real.psa.port().create({ ...content, marker: head.marker as never }, new AbortController().signal).catch(() => undefined); // prettier-ignore
    await real.pass(system.leaseMs + 1000);
  });

const steps = [
  fc.constant(new Happens('raise')),
  fc.constant(new Happens('raise')),
  fc.constant(new Happens('resolve')),
  fc.nat(3).map((back) => new Redelivered(back)),
  fc.constant(new Goes('Works', () => system.drain())),
  fc.constant(new Goes('Works', () => system.drain())),
  fc.constant(new Goes('TimePasses', (real) => real.pass(20_000))),
  fc.constant(fault('ReplyLost', { outcome: 'unknown', isDone: true })),
  fc.constant(fault('NothingArrives', { outcome: 'unknown' })),
  fc.constant(fault('PsaDown', { outcome: 'not_sent' })),
  fc.constant(dies(false)),
  fc.constant(dies(true)),
  fc.constant(new Settles()),
];

describe("a ticket's life", () => {
  it('follows its problem on any road of events, repeats, faults and deaths, in PostgreSQL (E1, E2, F33, F34)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 25 }), async (commands) => {
        await system.empty();
        const real = new Real();
        await system.connect(real.psa);
        const model = { isFailing: false, events: 0 };
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await new Settles().run(model, real);
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });
});
