import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.js';
import { recordsOf } from '../faults/records.js';
import { System } from '../faults/system.js';
import { leaksIn } from './allowed.js';
import { type EchoingPsa, startEchoingPsa } from './echoing-psa.js';
import { Exercise } from './exercise.js';
import { Marks, sightings } from './marks.js';
import { MovingBrand } from './moves.js';
import { everyPlace, metricsOf } from './places.js';
import { watchedMetrics } from './watched.js';

jest.setTimeout(300_000);

/** All is logged, the PSA of the test may be reached, and one key may ask without end. */
const SETTINGS = { LOG_LEVEL: 'debug', EGRESS_ALLOW: '127.0.0.1/32', RATE_LIMIT_PER_SECOND: '10000', RATE_LIMIT_BURST: '100000', RATE_LIMIT_PARTNER_PER_SECOND: '10000' }; // prettier-ignore

let system: System;
let psa: EchoingPsa;
beforeAll(async () => {
  psa = await startEchoingPsa();
  system = await System.start({ env: SETTINGS });
});
afterAll(async () => {
  await system?.close();
  await psa?.close();
});

describe('the whole system', () => {
  it('keeps secrets to itself, and what is personal where docs/security.md lets it stand', async () => {
    const marks = new Marks();
    const exercise = new Exercise(system, marks, psa);
    await exercise.run();
    await eventually(async () => (await recordsOf(system, 'dead-letters.notifications.v1')).length > 0);
    const places = [...(await everyPlace(system)), ...exercise.gateway.answers, ...exercise.agents.answers];
    const seen = sightings(marks.all, places);
    expect(leaksIn(seen)).toEqual([]);

    // There was something to find: the PSA heard what the links hold, and the shown things were shown.
    const heard = sightings(marks.all, [{ name: 'PSA', text: psa.heard.join('\n') }]);
    expect(heard).toEqual(expect.arrayContaining(['ConnectWise private key (secret): PSA', 'Autotask password (secret): PSA'])); // prettier-ignore
    expect(seen.length).toBeGreaterThan(15);
    expect(places.filter(({ name }) => name.startsWith('log '))).toHaveLength(8);
    for (const { name, text } of places.filter((place) => /^(log|metrics) /.test(place.name)))
      expect([name, text.length > 500]).toEqual([name, true]);
  });

  it('tells every metric that alerts and dashboards read', async () => {
    const told = await metricsOf(system);
    const names = new Set(
      told.flatMap(({ text }) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)),
    );
    const watched = watchedMetrics();
    expect(watched.length).toBeGreaterThan(20);
    expect(watched.filter(({ metric }) => !names.has(metric))).toEqual([]);
  });

  it('takes a moved brand with all below it out of the old view and into the new one, in every service (A18, A19)', async () => {
    const moving = await MovingBrand.make(system);
    await moving.becomes('south', 0);
    await moving.move('south');
    const [left, entered] = await Promise.all([moving.becomes('north', 0), moving.becomes('south', 1)]);
    for (const ms of [...Object.values(left), ...Object.values(entered)]) expect(ms).toBeLessThan(5000);
    expect(await moving.revokedKey()).toBeLessThan(5000);
  });
});
