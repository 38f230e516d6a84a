import type { FastifyInstance } from 'fastify';
import type { AllowedMethods } from '../problems/problem.filter.js';

interface KnownRoute {
  methods: Set<string>;
  pattern: RegExp;
}

/** Remembers the routes as they are registered, so that a wrong method is a 405 and not a 404. */
export function rememberRoutes(fastify: FastifyInstance): AllowedMethods {
  const routes = new Map<string, KnownRoute>();
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url === '*' || url === '/*') return;
    const known = routes.get(url) ?? { methods: new Set<string>(), pattern: patternOf(url) };
    for (const each of [method].flat()) known.methods.add(each);
    routes.set(url, known);
  });
  return (path) => {
    const matching = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  };
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:[A-Za-z0-9_]+/g, '[^/]+').replaceAll('*', '.*')}/?$`);
}
