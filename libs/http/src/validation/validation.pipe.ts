import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import { type BodyClass, rulesByProperty } from './class-schema.js';
import { decideSlowly, fastPathValidator } from './fast-path.js';
import { type RawQuery, refuseOddQuery, typedQuery } from './query.js';

type Validate = (value: unknown) => unknown;

/** Bodies and queries whose parameter is a class with class-validator's decorators. */
export class ValidationPipe implements PipeTransform {
  private readonly bodies = new Map<BodyClass, Validate | null>();

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const Class = metadata.metatype as BodyClass | undefined;
    if (!Class || metadata.data !== undefined) return value;
    if (metadata.type === 'query') return this.query(Class, value as RawQuery);
    if (metadata.type !== 'body') return value;
    const validate = this.validatorOf(Class);
    // No body at all is a body without fields.
    return validate ? validate(value === undefined ? {} : value) : value;
  }

  private query(Class: BodyClass, query: RawQuery): unknown {
    const known = rulesByProperty(Class);
    if (known.size === 0) return query;
    refuseOddQuery(query, new Set(known.keys()));
    const decided = decideSlowly(Class, typedQuery(Class, query));
    if ('errors' in decided) throw Problem.badRequest(decided.errors);
    return decided.value;
  }

  private validatorOf(Class: BodyClass): Validate | null {
    const known = this.bodies.get(Class);
    if (known !== undefined) return known;
    const isOurs = Class.prototype !== undefined && rulesByProperty(Class).size > 0;
    const made = isOurs ? fastPathValidator(Class) : null;
    this.bodies.set(Class, made);
    return made;
  }
}
