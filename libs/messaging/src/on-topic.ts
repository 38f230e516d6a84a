import { EventPattern } from '@nestjs/microservices';
import type { Delivered } from './decode.js';
import type { Topic } from './topics/topic.js';

export const KAFKA_BATCH = Symbol.for('KAFKA_BATCH');

/** Carries a handler's error past Nest's filter, which would replace it by "Internal server error". */
export class Failed {
  constructor(readonly error: unknown) {}
}

/**
 * Marks the one method that handles a topic's records, many at a time and in order.
 * A method that takes another payload does not compile.
 */
export function OnTopic<P extends object>(topic: Topic<P>) {
  return (
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<(batch: Delivered<P>[]) => Promise<void>>,
  ): void => {
    const handle = descriptor.value;
    if (!handle) throw new Error(`@OnTopic(${topic.name}) stands on something that is no method`);
    descriptor.value = async function (this: unknown, batch: Delivered<P>[]): Promise<void> {
      try {
        await handle.call(this, batch);
      } catch (error) {
        return new Failed(error) as unknown as void;
      }
    };
    (EventPattern(topic.name, KAFKA_BATCH) as MethodDecorator)(target, property, descriptor);
  };
}
