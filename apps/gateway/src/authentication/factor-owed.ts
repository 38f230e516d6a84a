import { type FactorOwed, Problem } from '@backhaul/http';
import type { FastifyRequest } from 'fastify';
import { findRoute } from '../routes/route-table.js';

/** A session whose brand demands a second factor goes no further than adding or proving one. @throws Problem 403 */
export function assertNoFactorOwed(
  owed: FactorOwed | undefined,
  { method, url }: Pick<FastifyRequest, 'method' | 'url'>,
): void {
  if (owed === undefined) return;
  const found = findRoute(method, url.split('?', 1)[0] ?? '');
  const open = found !== null && 'route' in found ? found.route.whileOwing : 'never';
  if (open === 'always' || (open === 'to-add' && owed === 'add')) return;
  throw Problem.factorMissing(owed);
}
