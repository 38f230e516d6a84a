import { describe, expect, test } from '@jest/globals';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsEmail, IsEnum, IsIn, IsInt, IsISO8601, IsNumber, IsObject, IsOptional, IsString, IsUUID,
  Length, Matches, Max, MaxLength, Min, MinLength, ValidateBy, ValidateIf, ValidateNested,
} from 'class-validator'; // prettier-ignore
import fc from 'fast-check';
import { compileFastPath, decideSlowly, fastPathValidator } from './fast-path.js';
import { Omittable } from './omittable.js';

enum Level {
  Low = 'low',
  High = 'high',
}

class InnerIn {
  @IsString() @MinLength(2) @MaxLength(6) text: string;
  @IsUUID('7') seventh: string;
  @IsInt() @Min(0) @Max(100) count: number;
}

class OuterIn {
  @IsUUID() id: string;
  @IsISO8601({ strict: true }) at: string;
  @IsIn(['a', 'b', 3]) choice: string | number;
  @IsEnum(Level) level: Level;
  @IsBoolean() isOn: boolean;
  @IsNumber() ratio: number;
  @IsNumber({ maxDecimalPlaces: 2 }) price: number;
  @IsEmail() mail: string;
  @Matches(/^[A-Z]{2}\d+$/i) code: string;
  @Length(1, 4) short: string;
  @IsObject() free: object;
  @IsArray() @IsString({ each: true }) @ArrayMaxSize(3) @ArrayUnique() tags: string[];
  @ValidateNested() @Type(() => InnerIn) inner: InnerIn;
  @IsArray() @ValidateNested({ each: true }) @Type(() => InnerIn) list: InnerIn[];
  @IsOptional() @IsString() note?: string | null;
  @Omittable() @IsInt() weight?: number;
}

const INNER = { text: 'abc', seventh: '0190f3a1-0000-7000-8000-000000000001', count: 5 };
const GOOD = {
  id: '0190f3a1-0000-7000-8000-000000000001',
  at: '2026-11-21T04:59:41.123Z',
  choice: 'a',
  level: 'low',
  isOn: true,
  ratio: 0.5,
  price: 1.25,
  mail: 'a@example.com',
  code: 'AB12',
  short: 'abcd',
  free: { any: [1] },
  tags: ['x', 'y'],
  inner: INNER,
  list: [INNER],
};

/** Values that have told validators apart before, beside whatever fast-check makes. */
const ODD: unknown[] = [
  undefined, null, '', ' ', 0, -0, -1, 1.5, 1e300, 3, '3', true, 'true', [], [[]], [null], {}, [{}], [INNER, null], 'low', 'LOW',
  'urn:uuid:0190f3a1-0000-7000-8000-000000000001', '0190f3a1-0000-0000-8000-000000000001', '0190F3A1-0000-7000-8000-000000000001',
  '0190f3a1-0000-4000-8000-000000000001', '0190f3a1-0000-7000-c000-000000000001', '00000000-0000-0000-0000-000000000000',
  '0190f3a1-0000-7000-8000-000000000001\n', '2026-02-31T00:00:00Z', '2026-02-29T00:00:00Z', '2024-02-29T00:00:00Z',
  '2026-11-21T04:59:60Z', '2026-11-21t04:59:41z', '2026-11-21', '2026-11-21T24:00:00Z', '2026-11-21T04:59:41+14:00',
  '2026-11-21T04:59:41+23:59', '2026-04-31T00:00:00Z', '0000-01-01T00:00:00Z', '2026-11-21T04:59:41Z\n', '2026-W01-1T00:00:00Z',
  '😀', '😀😀😀😀', 'a\ufe0f', '\ufe0f', '\ud800', 'a\ud800\ud800', 'x'.repeat(7), 'a@b', 'a@example', 'AB12\n', 'ab1',
  ['x', 1], ['x', 'y', 'z', 'w'], new Array(3), { text: 'abc' }, { ...INNER, extra: 1 }, { ...INNER, text: 'a\ufe0f' },
  { ...INNER, seventh: GOOD.id.replace('7000', '4000') }, { ...INNER, count: 101 }, { ...INNER, count: '5' }, 1.255, 1e-7,
]; // prettier-ignore

function slowlyAccepts(Class: new () => object, value: unknown): boolean {
  return 'value' in decideSlowly(Class, structuredClone(value));
}

describe('the fast path', () => {
  const accepts = compileFastPath(OuterIn);

  test('accepts a good body itself, so that it is a fast path at all', () => {
    expect(accepts(GOOD)).toBe(true);
    expect(fastPathValidator(OuterIn)(GOOD)).toBe(GOOD);
  });

  test('is never laxer than class-validator, for each property and each odd value', () => {
    const cases = Object.keys({ ...GOOD, note: 1, weight: 1, unknown: 1 }).flatMap((name) =>
      ODD.flatMap((value) => [
        { ...GOOD, [name]: value },
        { ...GOOD, inner: { ...INNER, [name]: value } },
        { ...GOOD, list: [INNER, { ...INNER, [name]: value }] },
      ]),
    );
    for (const inner of Object.keys(INNER)) {
      for (const value of ODD) cases.push({ ...GOOD, inner: { ...INNER, [inner]: value } });
    }
    expect(cases.length).toBeGreaterThan(400);
    const unsafe = cases.filter((each) => accepts(each) && !slowlyAccepts(OuterIn, each));
    expect(unsafe).toEqual([]);
    expect(cases.filter(accepts).length).toBeGreaterThan(40);
  });

  test('is never laxer than class-validator, for generated values', () => {
    const names = [...Object.keys(GOOD), 'note', 'weight'];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.uuid(),
      fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
      fc.emailAddress(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), value, (name, given) => {
        const body = { ...GOOD, [name]: given };
        return !accepts(body) || slowlyAccepts(OuterIn, body);
      }),
      { numRuns: 2000, seed: 20261121 },
    );
  });

  test('what only class-validator knows to be good is accepted by the slow half', () => {
    const body = { ...GOOD, at: '2026-11-21' };
    expect(accepts(body)).toBe(false);
    expect(fastPathValidator(OuterIn)(body)).toMatchObject({ at: '2026-11-21' });
  });

  test('the slow half leaves no undefined properties behind', () => {
    const value = fastPathValidator(OuterIn)({ ...GOOD, at: '2026-11-21' });
    expect(Object.keys(value)).not.toContain('note');
  });

  test.each(['id', 'tags', 'inner', 'list'])('%s that is missing is called that, once', (name) => {
    const { [name as keyof typeof GOOD]: _left, ...body } = GOOD;
    expect(decideSlowly(OuterIn, body)).toEqual({
      errors: [{ pointer: `/${name}`, detail: 'is missing', rule: 'isDefined' }],
    });
  });

  test('an omittable property may be absent but not null', () => {
    expect(slowlyAccepts(OuterIn, { ...GOOD, weight: null })).toBe(false);
    expect(slowlyAccepts(OuterIn, GOOD)).toBe(true);
  });
});

describe('classes that validation alone does not describe have no fast path', () => {
  class WithDefault {
    @IsInt() limit: number = 50;
  }
  class WithTransform {
    @Transform(({ value }) => String(value)) @IsString() name: string;
  }
  class WithCondition {
    @IsString() kind: string;
    @ValidateIf((body: WithCondition) => body.kind === 'x') @IsString() name: string;
  }
  class WithOwnRule {
    @ValidateBy({ name: 'isEven', validator: { validate: (value: number) => value % 2 === 0 } }) even: number;
  }
  class WithGroup {
    @IsString({ groups: ['admin'] }) name: string;
  }
  class WithDate {
    @Type(() => Date) @IsObject() at: Date;
  }
  class Tree {
    @IsArray() @ValidateNested({ each: true }) @Type(() => Tree) children: object[];
  }

  test.each([
    ['a default', WithDefault, { limit: 1 }],
    ['a transform', WithTransform, { name: 'x' }],
    ['a condition', WithCondition, { kind: 'x', name: 'x' }],
    ['a rule of its own', WithOwnRule, { even: 2 }],
    ['a group', WithGroup, { name: 'x' }],
    ['a type that changes the value', WithDate, { at: {} }],
    ['itself inside', Tree, { children: [] }],
  ])('%s', (_, Class, value) => {
    expect(compileFastPath(Class)(value)).toBe(false);
  });
});
