import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { classOf, deadLetterOf, isPoison, PoisonError } from './dead-letter.js';
import { PublishError } from './publisher.js';

const withCode = (code: string) => Object.assign(new Error('database'), { code });

describe('try again, or never', () => {
  it.each<[string, unknown, boolean]>([
    ['a poison error', new PoisonError('no'), true],
    ['a bug of ours', new TypeError('x is undefined'), true],
    ['text that PostgreSQL cannot hold', withCode('22021'), true],
    ['a broken constraint', withCode('23505'), true],
    ['a broken constraint, wrapped by TypeORM', { driverError: { code: '23514' } }, true],
    ['a refused connection', withCode('ECONNREFUSED'), false],
    ['a database that shuts down', withCode('57P01'), false],
    ['a deadlock', withCode('40P01'), false],
    ['a lock that timed out', withCode('55P03'), false],
    ['a full disk', withCode('53100'), false],
    ['a fetch that failed', new TypeError('fetch failed', { cause: new Error('ECONNRESET') }), false],
    ['Kafka away', new PublishError(new Error('no broker')), false],
    ['an error nobody knows', new Error('?'), false],
    ['a thrown text', 'oops', false],
    ['nothing at all', undefined, false],
  ])('%s', (_what, error, expected) => {
    expect(isPoison(error)).toBe(expected);
  });

  it('keeps the class the handler gave, and calls the rest an invariant', () => {
    expect(classOf(new PoisonError('gone', 'definitive-remote'))).toBe('definitive-remote');
    expect(classOf(new TypeError('bug'))).toBe('invariant');
  });
});

describe('a dead letter', () => {
  it('keeps key, bytes and headers as they came, bytes that are no text included', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x7b]);
    const message = {
      key: Buffer.from([1, 2]),
      value: bytes,
      headers: { id: Buffer.from([0xc3, 0x28]), many: [Buffer.from('a'), Buffer.from('b')] },
      offset: '42',
    } as unknown as KafkaMessage;
    const letter = deadLetterOf(
      message,
      { topic: 'a.v1', partition: 3 },
      'decode',
      new Error('x'.repeat(900)),
    );
    expect(letter.value).toBe(bytes);
    expect(letter.key).toBe(message.key);
    expect(letter.headers).toMatchObject({
      ...message.headers,
      'dead-class': 'decode',
      'dead-topic': 'a.v1',
    });
    expect(letter.headers).toMatchObject({ 'dead-partition': '3', 'dead-offset': '42' });
    expect(letter.headers['dead-reason']).toHaveLength(500);
  });
});
