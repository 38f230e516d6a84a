import type { INestApplication } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';

/** What one handler asks of a request, as its parameters say. */
export interface HandlerArgument {
  from: 'header' | 'path';
  name: string;
  pipes: readonly unknown[];
}

/** Nest's numbers of the places a handler's argument comes from. */
const PLACES: Record<string, HandlerArgument['from']> = { '5': 'path', '6': 'header' };

/** Arguments by operation id (`<Controller>_<method>`): @nestjs/swagger tells neither of headers nor of pipes. */
export function handlerArguments(app: INestApplication): ReadonlyMap<string, readonly HandlerArgument[]> {
  const found = new Map<string, HandlerArgument[]>();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      for (const method of Object.getOwnPropertyNames(metatype.prototype as object)) {
        found.set(`${metatype.name}_${method}`, argumentsOf(metatype, method));
      }
    }
  }
  return found;
}

function argumentsOf(Class: object, method: string): HandlerArgument[] {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, Class, method) ?? {}) as Record<
    string,
    { data?: unknown; pipes?: unknown[] }
  >;
  return Object.entries(args).flatMap(([kind, { data, pipes }]) => {
    const from = PLACES[kind.split(':', 1)[0] ?? ''];
    return from && typeof data === 'string'
      ? [{ from, name: from === 'header' ? data.toLowerCase() : data, pipes: pipes ?? [] }]
      : [];
  });
}
