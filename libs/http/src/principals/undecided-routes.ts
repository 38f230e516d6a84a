import type { INestApplication, Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { ALLOWED_ROLES, PUBLIC_ROUTE } from './principal.decorators.js';

/** Routes that say neither who may nor that everybody may, as `Controller.method`. */
export function undecidedRoutes(app: INestApplication): string[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) =>
    [...module.controllers.values()].map(({ metatype }) => metatype),
  );
  return controllers
    .filter((each) => typeof each === 'function')
    .flatMap((each) => undecidedOf(each as Type));
}

function undecidedOf(controller: Type): string[] {
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor' && typeof prototype[name] === 'function')
    .filter((name) => {
      const handler = prototype[name] ?? {};
      const isRoute = Reflect.hasMetadata(METHOD_METADATA, handler);
      const says = [ALLOWED_ROLES, PUBLIC_ROUTE].some(
        (key) => Reflect.hasMetadata(key, handler) || Reflect.hasMetadata(key, controller),
      );
      return isRoute && !says;
    })
    .map((name) => `${controller.name}.${name}`);
}
