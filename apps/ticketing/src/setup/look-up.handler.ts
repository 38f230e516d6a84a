import type { Clock, PartnerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type Choice, type Lookup, PsaError, type SetupPort } from '@backhaul/psa';
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
      return port.list(what, of, signal).catch((error: unknown) => {
        throw isOfBoard(error, boardId) ? NO_SUCH_BOARD() : error;
      });
    });
    return { choices, readAt: this.clock.now().toISOString() };
  }
}

/** Only the board that was asked for can be missing. */
const isOfBoard = (error: unknown, boardId: string | undefined): boolean =>
  boardId !== undefined && error instanceof PsaError && error.reason === 'not_found';

const NO_SUCH_BOARD = (): Problem =>
  Problem.unprocessable('The PSA does not have that board.', [
    { pointer: '/boardId', detail: 'the PSA has no board with this id', rule: 'unknown' },
  ]);

function assertHas({ lookups }: SetupPort, what: Lookup): void {
  if (lookups.includes(what)) return;
  throw Problem.badRequest([
    { pointer: '/lookup', detail: `this PSA has ${lookups.join(', ')}`, rule: 'isIn' },
  ]);
}

const missing = (name: string): Problem =>
  Problem.badRequest([{ pointer: `/${name}`, detail: 'is needed here', rule: 'isDefined' }]);
