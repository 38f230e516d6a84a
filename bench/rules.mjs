/**
 * How many events a core puts through the rules: matching over the index, a thousand silences, decision and requests, no
 * database.
 * `node bench/rules.mjs [--seconds 3] [--seed 1]`, after `npm run build`. Goal: 10,000 events/s with 10,000 rules.
 */
import { parseArgs } from 'node:util';
import {
  EVENT_TYPE_INFO,
  EVENT_TYPES,
  emptyJobResult,
  isRuleable,
  uuidv7,
} from '../libs/domain/dist/index.js';
import { EventDecider } from '../apps/notifications/dist/requests/event-decision.js';
import { RaisedBook } from '../apps/notifications/dist/requests/raised-book.js';
import { defaultsFor } from '../apps/notifications/dist/rules/rule-defaults.js';
import { RuleIndex } from '../apps/notifications/dist/rules/rule-index.js';
import { SilenceIndex } from '../apps/notifications/dist/silences/silence-index.js';
import { Gate } from '../apps/notifications/dist/watches/gate.js';
import { WatchBook } from '../apps/notifications/dist/watches/watch-book.js';
import { RULE_ACTIONS } from '../apps/notifications/dist/rules/rule.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' } },
});
const SECONDS = Number(values.seconds);
const GOAL = 10_000;
const RULES = 10_000;
const BATCH = 500;
const START = Date.UTC(2026, 10, 20);
const TYPES = EVENT_TYPES.filter((type) => isRuleable(type) && type !== 'backup.started');

let state = Number(values.seed) >>> 0;
/** Mulberry32: the same rules and events each time. */
function random(below) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const partner = (n) => `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`;

function rule(index, over) {
  const action = RULE_ACTIONS[index % 4];
  const defaults = defaultsFor(action);
  const { scope, ...rest } = over;
  const id = uuidv7(START - 60_000);
  const createdAt = new Date(START - 60_000);
  return {
    ...defaults,
    id,
    createdAt,
    ownerBrandId: null,
    ...rest,
    name: `${action} ${index}`,
    scope: { ...defaults.scope, ...scope },
  };
}

function event(index, partners) {
  const result = emptyJobResult();
  const type = TYPES[random(TYPES.length)];
  const { severity } = EVENT_TYPE_INFO[type];
  const at = new Date(START + index).toISOString();
  const custId = 1 + random(2000);
  return {
    ...result, specVersion: '1', eventId: uuidv7(START + index), idempotencyKey: String(index), type, flags: [],
    receivedAt: at, occurredAt: at,
    outcome: { ...result.outcome, phase: 'finished', status: severity === 'OK' ? 'success' : 'failed', severity, message: 'Disk full' },
    identity: { ...result.identity, hostName: `host-${custId}` }, job: { ...result.job, nativeJobId: 'DB-1', jobName: 'files' },
    source: { agent: 'duplicati', agentVersion: null, adapter: 'duplicati', adapterVersion: '1', transport: 'push', endpointId: null, contentType: null },
    tenant: { partnerId: partner(random(partners)), brandId: null, customerId: custId, accountNo: 80_000_000 + custId, resolution: 'matched' },
    raw: { contentType: null, sha256: '', bytes: 0, ref: null },
  }; // prettier-ignore
}

const SCENARIOS = [
  {
    name: '10,000 rules of one partner, five a customer',
    partners: 1,
    rule: (index) => rule(index, { partnerId: partner(0), scope: { custIds: [1 + (index % 2000)] } }),
  },
  {
    name: '10,000 rules of one partner, each of one type for 20 accounts',
    partners: 1,
    rule: (index) =>
      rule(index, {
        partnerId: partner(0), allEventTypes: false, eventTypes: [TYPES[random(TYPES.length)]],
        scope: { accountNos: Array.from({ length: 20 }, () => 80_000_001 + random(2000)) },
      }), // prettier-ignore
  },
  {
    name: '10,000 rules over 1,000 partners, everywhere',
    partners: 1000,
    rule: (index) => rule(index, { partnerId: partner(index % 1000) }),
  },
];

function indexOf(rules) {
  const byPartner = Map.groupBy(rules, ({ partnerId }) => partnerId);
  const index = new RuleIndex();
  for (const [partnerId, own] of byPartner) index.replace(partnerId, own);
  return index;
}

/** A thousand of one partner, each of one customer, as many over as planned, and some that hold. */
function silences() {
  const index = new SilenceIndex();
  const all = Array.from({ length: 1000 }, (_, n) => {
    const startsAt = new Date(START + (n % 3) * 3_600_000 - 3_600_000);
    const scope = { brandIds: [], custIds: [1 + n * 2], accountNos: [], hostNames: [], jobNames: [] };
    const endsAt = new Date(startsAt.getTime() + 1800_000);
    return { id: String(n), partnerId: partner(0), ownerBrandId: null, kind: 'silence', scope, eventTypes: [], startsAt, endsAt, weekly: null, reason: 'bench' }; // prettier-ignore
  });
  index.replace(partner(0), all, new Map());
  return index;
}
const QUIET = silences();

function run(index, events) {
  let done = 0;
  let actions = 0;
  const from = process.cpuUsage();
  const end = performance.now() + SECONDS * 1000;
  while (performance.now() < end) {
    const book = new RaisedBook([]);
    const watches = new WatchBook();
    for (let i = 0; i < BATCH; i += 1) {
      const one = events[(done + i) % events.length];
      const gate = new Gate(one, watches, QUIET.at(one, Date.parse(one.receivedAt)), false);
      const decider = new EventDecider(one, { isLate: false, gate }, book);
      actions += decider.decide(index.matching(one)).actions.length;
    }
    done += BATCH;
  }
  const { user, system } = process.cpuUsage(from);
  return { perSecond: done / ((user + system) / 1e6), actionsPerEvent: actions / done };
}

/** What the index spares: every rule of the partner tried for every event. */
function tryingEach(rules, events) {
  const own = Map.groupBy(rules, ({ partnerId }) => partnerId);
  const SWITCH = { OK: 'ok', WARNING: 'warning', ERROR: 'error' };
  let tried = 0;
  let found = 0;
  const from = process.cpuUsage();
  const end = performance.now() + SECONDS * 500;
  while (performance.now() < end) {
    const { tenant, type, outcome } = events[tried % events.length];
    found += own
      .get(tenant.partnerId)
      .filter(
        (r) =>
          r.severities[SWITCH[outcome.severity]] &&
          (r.allEventTypes || r.eventTypes.includes(type)) &&
          (r.scope.custIds.length + r.scope.accountNos.length === 0 ||
            r.scope.custIds.includes(tenant.customerId) ||
            r.scope.accountNos.includes(tenant.accountNo)),
      ).length;
    tried += 1;
  }
  const { user, system } = process.cpuUsage(from);
  return { perSecond: tried / ((user + system) / 1e6), found };
}

let isMissed = false;
for (const scenario of SCENARIOS) {
  const rules = Array.from({ length: RULES }, (_, index) => scenario.rule(index));
  const events = Array.from({ length: 10_000 }, (_, index) => event(index, scenario.partners));
  const built = performance.now();
  const index = indexOf(rules);
  const buildMs = performance.now() - built;
  run(index, events);
  const { perSecond, actionsPerEvent } = run(index, events);
  const naive = tryingEach(rules, events);
  // Rules that never act are quickly applied.
  isMissed ||= perSecond < GOAL || actionsPerEvent === 0;
  console.log(
    `${scenario.name}: ${Math.round(perSecond).toLocaleString('en')} events/s a core, ` +
      `${actionsPerEvent.toFixed(2)} actions an event, index built in ${buildMs.toFixed(0)} ms; ` +
      `trying each rule: ${Math.round(naive.perSecond).toLocaleString('en')} events/s (matching alone)` +
      (perSecond < GOAL ? `  MISSED: goal ${GOAL}` : ''),
  );
}
console.log(`node ${process.version}, heap ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MiB`);
process.exitCode = isMissed ? 1 : 0;
