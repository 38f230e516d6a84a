import type { Clock, PartnerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { Choice, Lookup, SetupPort } from '@backhaul/psa';
import type { AskPsa } from './ask-psa.js';
import type { LookupQuery } from './lookups.types.js';

/** Reads one list of the PSA. Nothing of it is kept: what is chosen is kept by its id. */
export class LookUpHandler {
  constructor(
    private readonly psa: AskPsa,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 400, 409, 502, 503, 504 */
  async handle(
    partnerId: PartnerId,
    what: Lookup,
    { boardId, accountId }: LookupQuery,
  ): Promise<{ choices: Choice[]; readAt: string }> {
    const connection = await this.psa.connection(partnerId);
    const board = boardId === undefined ? connection.ticketing.boardId : Number(boardId);
    const choices = await this.psa.read(connection, `reading ${what}`, (port, signal) => {
      assertHas(port, what);
      if (what === 'contracts' && accountId === undefined) throw missing('accountId');
      if (what === 'statuses' && port.lookups.includes('boards') && board === undefined)
        throw missing('boardId');
      const of = {
        ...(board !== undefined && { boardId: board }),
        ...(accountId !== undefined && { companyId: accountId }),
      };
      return port.list(what, of, signal);
    });
    return { choices, readAt: this.clock.now().toISOString() };
  }
}

function assertHas({ lookups }: SetupPort, what: Lookup): void {
  if (lookups.includes(what)) return;
  throw Problem.badRequest([
    { pointer: '/lookup', detail: `this PSA has ${lookups.join(', ')}`, rule: 'isIn' },
  ]);
}

const missing = (name: string): Problem =>
  Problem.badRequest([{ pointer: `/${name}`, detail: 'is needed here', rule: 'isDefined' }]);
