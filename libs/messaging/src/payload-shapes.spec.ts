import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { payloadShape } from './payload-schema.js';
import { TOPICS } from './topics/index.js';
import type { Topic } from './topics/topic.js';

interface Frozen {
  key: string;
  partitions: number;
  compacted: boolean;
  required: string[];
  properties: Record<string, object>;
}

const topics = TOPICS as readonly Topic<object>[];
const file = new URL('./topics/frozen-shapes.json', import.meta.url);
const frozen = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Frozen>;

/** Stands for any payload and says which of its fields were asked for. */
const anyPayload = (path: string): object =>
  new Proxy(
    {},
    {
      get: (_target, name) =>
        name === Symbol.toPrimitive
          ? () => `<${path}>`
          : anyPayload(path ? `${path}.${String(name)}` : String(name)),
    },
  );

function shapeOf(topic: Topic<object>): Frozen {
  const { properties = {}, required = [] } = payloadShape(topic);
  const { partitions, compacted } = topic;
  return {
    key: `${topic.key(anyPayload(''))}`,
    partitions,
    compacted,
    required: [...required].sort(),
    properties,
  };
}

/** What a released consumer or producer would stumble over. */
function breaks(before: Frozen, after: Frozen): string[] {
  const problems: string[] = [];
  if (after.key !== before.key) problems.push('the key changed');
  if (after.partitions !== before.partitions) problems.push('the number of partitions changed');
  if (after.compacted !== before.compacted) problems.push('compaction changed');
  for (const name of after.required)
    if (!before.required.includes(name)) problems.push(`${name} became required`);
  for (const name of before.required)
    if (!after.required.includes(name)) problems.push(`${name} may be absent now`);
  for (const [name, property] of Object.entries(before.properties)) {
    if (!(name in after.properties)) problems.push(`${name} is gone`);
    else if (JSON.stringify(after.properties[name]) !== JSON.stringify(property))
      problems.push(`${name} changed`);
  }
  return problems;
}

/**
 * A contract that was published is not changed: an optional field may be added (and is then written into
 * topics/frozen-shapes.json), anything else is a new version in a file of its own.
 */
describe('the payloads of all topics', () => {
  it.each(topics.map((topic) => [topic.name, topic] as const))('%s is as it was published', (name, topic) => {
    const before = frozen[name];
    if (!before)
      throw new Error(`${name} is not in topics/frozen-shapes.json: ${JSON.stringify(shapeOf(topic))}`);
    expect(breaks(before, shapeOf(topic))).toEqual([]);
    const added = Object.keys(shapeOf(topic).properties).filter(
      (property) => !(property in before.properties),
    );
    expect(added).toEqual([]);
  });

  it('have not lost a topic', () => {
    expect(topics.map(({ name }) => name).sort()).toEqual(Object.keys(frozen).sort());
  });

  it.each<[string, (shape: Frozen) => Frozen, string[]]>([
    ['a field that goes', (s) => ({ ...s, properties: {} }), ['a is gone', 'b is gone']],
    [
      'a field of another type',
      (s) => ({ ...s, properties: { ...s.properties, a: { type: 'number' } } }),
      ['a changed'],
    ],
    ['an optional field that is demanded', (s) => ({ ...s, required: ['a', 'b'] }), ['b became required']],
    ['a field that may be absent', (s) => ({ ...s, required: [] }), ['a may be absent now']],
    ['another key', (s) => ({ ...s, key: '<b>' }), ['the key changed']],
    ['more partitions', (s) => ({ ...s, partitions: 8 }), ['the number of partitions changed']],
    ['a new optional field', (s) => ({ ...s, properties: { ...s.properties, c: { type: 'string' } } }), []],
  ])('%s is judged rightly', (_what, change, problems) => {
    const before: Frozen = {
      key: '<a>',
      partitions: 4,
      compacted: false,
      required: ['a'],
      properties: { a: { type: 'string' }, b: { type: 'string' } },
    };
    expect(breaks(before, change(before))).toEqual(problems);
  });

  it('name a version and an existing service on either side', () => {
    for (const { name, consumers } of topics) {
      expect(name).toMatch(/^[a-z-]+(\.[a-z-]+)+\.v\d+$/);
      expect(consumers.length).toBeGreaterThan(0);
    }
  });
});
