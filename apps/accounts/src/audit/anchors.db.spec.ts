import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, Secret, systemClock } from '@backhaul/domain';
import {
  auditHeads,
  type AuditHeadPayload,
  Publisher,
  toRecord,
  type TopicDirectory,
} from '@backhaul/messaging';
import { createLogger } from '@backhaul/telemetry';
import { eventually, testKafka, type TestKafka } from '@backhaul/testing';
import { TestRest } from '../testing/rest.js';
import { AnchorHeads } from './anchor-heads.js';
import { anchorsIn } from './anchors.js';
import { AuditRepository } from './audit.repository.js';
import { hashOf, NO_HASH } from './chain.js';
import { CheckAudit } from './check-audit.js';
import { HeadSignature } from './head-signature.js';
import { ResealAudit } from './reseal-audit.handler.js';

jest.setTimeout(60_000);
const signature = new HeadSignature(new Secret(randomBytes(32)));
const lines: string[] = [];
let kafka: TestKafka;
let publisher: Publisher;
let anchors: TopicDirectory<AuditHeadPayload>;
let rest: TestRest;
let audit: AuditRepository;
let heads: AnchorHeads;
let partnerId: PartnerId;

beforeAll(async () => {
  kafka = await testKafka();
  publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  anchors = anchorsIn({ kafka: kafka.kafka, prefix: kafka.prefix }, signature);
  anchors.start();
  await eventually(async () => expect(anchors.isReady).toBe(true));
  rest = await TestRest.start([], systemClock, '', { anchors });
  audit = new AuditRepository(rest.unitOfWork);
  const destination = { write: (line: string) => void lines.push(line) };
  heads = new AnchorHeads(rest.unitOfWork, audit, {
    anchors,
    signature,
    publish: (records) => publisher.send(records),
    clock: systemClock,
    logger: createLogger({ service: 'accounts', level: 'info', destination }),
  });
});
afterAll(async () => {
  await anchors.close();
  await publisher.close();
  await rest.close();
  await kafka.close();
});
beforeEach(async () => {
  partnerId = await rest.partner('Anchored');
  for (const name of ['A', 'B', 'C']) await rest.customer(name, partnerId);
  await anchored();
});

/** Anchors what is new, and waits until the anchors have been read. */
async function anchored(): Promise<void> {
  const { entries } = await audit.verify({ partnerId });
  await heads.anchorAll();
  await eventually(async () => expect(anchors.get(partnerId)?.entries).toBe(entries));
}
const verdict = async (): Promise<Record<string, unknown>> =>
  (await rest.call('GET', 'audit/verify', { partnerId })).body;
const send = (head: AuditHeadPayload): Promise<void> => {
  const { partnerId: id, at } = head;
  const envelope = { id, occurredAt: at, partnerId: id, correlationId: id, causationId: null };
  return publisher.send([toRecord(auditHeads, head, envelope)]);
};
/** What the owner of the table can do: the whole chain anew, each hash right. */
async function rewrite(change: (body: string) => string): Promise<void> {
  const rows = await rest.unitOfWork.query<{ seq: string; body: string }>(
    'SELECT seq, body FROM audit_entry WHERE partner_id = $1 ORDER BY seq',
    [partnerId],
  );
  let previous: Buffer = NO_HASH;
  for (const row of rows) {
    const [seq, body] = [Number(row.seq), change(row.body)];
    previous = hashOf(previous, seq, body);
    const values = [partnerId, seq, body, previous];
    await rest.unitOfWork.query(
      'UPDATE audit_entry SET body = $3, hash = $4 WHERE partner_id = $1 AND seq = $2',
      values,
    );
  }
}
const cutTo = (entries: number) =>
  rest.unitOfWork.query('DELETE FROM audit_entry WHERE partner_id = $1 AND seq > $2', [partnerId, entries]);

describe('the anchor of an audit log', () => {
  it('agrees with the log, also while that grows, and is logged', async () => {
    const now = await verdict();
    expect(now).toMatchObject({
      isIntact: true,
      anchorState: 'agrees',
      anchoredEntries: now['entries'],
      anchoredHead: now['head'],
    });
    await rest.customer('D', partnerId);
    expect(await verdict()).toMatchObject({
      isIntact: true,
      anchorState: 'agrees',
      entries: Number(now['entries']) + 1,
    });
    expect(lines.join('\n')).toContain(String(now['head']));
  });

  it('is made once for each end of a log', async () => {
    const before = anchors.get(partnerId);
    expect((await heads.anchorAll()).anchored).toBe(0);
    await rest.customer('D', partnerId);
    expect((await heads.anchorAll()).anchored).toBe(1);
    await eventually(async () => expect(anchors.get(partnerId)?.entries).toBe(Number(before?.entries) + 1));
  });

  it('finds a log that its owner wrote anew as a whole, and no new anchor covers that up', async () => {
    await rewrite((body) => body.replace('"A"', '"Z"'));
    expect(await audit.verify({ partnerId })).toMatchObject({ brokenAt: null });
    expect(await verdict()).toMatchObject({ isIntact: false, brokenAt: null, anchorState: 'differs' });
    await rest.customer('D', partnerId);
    const { wrong } = await heads.anchorAll();
    expect(wrong).toContain(partnerId);
    expect(await verdict()).toMatchObject({ isIntact: false, anchorState: 'differs' });
    expect(lines.filter((line) => line.includes(partnerId)).at(-1)).toContain(
      'audit log is not what was anchored',
    );
  });

  it.each([
    ['cut', 2],
    ['emptied', 0],
  ])('finds a log that was %s', async (_what, left) => {
    await cutTo(left);
    expect(await verdict()).toMatchObject({
      isIntact: false,
      brokenAt: null,
      anchorState: 'shorter',
      entries: left,
    });
    expect((await heads.anchorAll()).wrong).toContain(partnerId);
  });

  it('is nobody’s but ours: a foreign signature and an old anchor sent again change nothing', async () => {
    const old = anchors.get(partnerId) as AuditHeadPayload;
    await rest.customer('D', partnerId);
    await anchored();
    const at = '2999-01-01T00:00:00.000Z';
    await send({ ...old, at });
    await send(new HeadSignature(new Secret(randomBytes(32))).sign({ ...old, at }));
    await send(old);
    await rest.customer('E', partnerId);
    await anchored();
    expect(anchors.get(partnerId)?.entries).toBe(old.entries + 2);
  });

  it('that nobody has read yet says nothing', async () => {
    const none = { get: () => undefined, keys: () => [], isReady: false };
    expect(await new CheckAudit(audit, none).check(partnerId)).toMatchObject({
      anchorState: 'unknown',
      anchor: null,
    });
    const isReady = { ...none, isReady: true };
    expect(await new CheckAudit(audit, isReady).check(partnerId)).toMatchObject({ anchorState: 'none' });
  });
});

describe('a log that was restored from an earlier time', () => {
  const reseal = () => new ResealAudit(rest.unitOfWork, audit, new CheckAudit(audit, anchors), heads);

  it('is sealed: it tells what is missing and why, and is good from there on', async () => {
    const lost = anchors.get(partnerId);
    await cutTo(2);
    expect(await reseal().reseal(partnerId, 'Restored, ticket 4711')).toBe('sealed');
    await eventually(async () => expect(anchors.get(partnerId)).toMatchObject({ entries: 3, kind: 'seal' }));
    expect(await verdict()).toMatchObject({ isIntact: true, anchorState: 'agrees', entries: 3 });
    const { items } = (await rest.call('GET', 'audit?limit=1', { partnerId })).body;
    expect(items?.[0]).toMatchObject({
      action: 'audit.reseal',
      subject: 'system',
      detail: {
        reason: 'Restored, ticket 4711',
        anchorState: 'shorter',
        anchoredEntries: lost?.entries,
        anchoredHead: lost?.head,
        entries: 2,
      },
    });
    await rest.customer('D', partnerId);
    await anchored();
    expect(await verdict()).toMatchObject({ isIntact: true, anchorState: 'agrees', entries: 4 });
  });

  it('is left alone where it is good, and where it is broken in itself', async () => {
    expect(await reseal().reseal(partnerId, 'x')).toBe('kept');
    await rest.unitOfWork.query(
      "UPDATE audit_entry SET body = replace(body, 'A', 'Z') WHERE partner_id = $1 AND seq = 2",
      [partnerId],
    );
    expect(await reseal().reseal(partnerId, 'x')).toBe('broken');
    expect((await verdict())['isIntact']).toBe(false);
  });
});
